using FedQueue.Contracts;
using FedQueue.Worker.Training;
using MassTransit;

namespace FedQueue.Worker.Participants;

/// <summary>Weights that are too large for one message: asks for the global ones and divides the trained ones, part by part.</summary>
internal sealed class WeightTransfer(string workerId, string participant, IBus bus, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly RequestTimeout FetchedWithin = RequestTimeout.After(s: 15);

    /// <summary>A part that was damaged on its way comes whole at the next try; what the aggregator has wrong stays wrong.</summary>
    private const int MostTries = 3;

    private readonly RareLines rare = new(clock);
    private readonly IRequestClient<FetchWeights> requests = bus.CreateRequestClient<FetchWeights>(FetchedWithin);

    /// <summary>The global weights that a round starts from. An aggregator or a broker that is away is waited for.</summary>
    /// <param name="round">A round with or without its weights.</param>
    /// <param name="cancellationToken">The round is superseded, or the participant is lost.</param>
    /// <exception cref="TrainingException">The aggregator does not have them, or not those that it announced.</exception>
    public async Task<float[]> Fetch(RoundStarted round, CancellationToken cancellationToken)
    {
        if (round.Weights.Length > 0)
            return WeightBytes.ToFloats(round.Weights.Span);

        var weights = GC.AllocateUninitializedArray<float>(round.Model.ParameterCount());
        var length = weights.Length * sizeof(float);
        for (var tries = 1; ; tries++)
        {
            for (var part = 1; part <= WeightParts.Count(length, round.PartLength); part++)
            {
                var fetched = await Fetch(round, part, cancellationToken);
                if (fetched.Length != WeightParts.LengthOf(length, part, round.PartLength))
                    throw new TrainingException($"Part {part} of the global weights of round {round.Round} has {fetched.Length} bytes instead of {WeightParts.LengthOf(length, part, round.PartLength)}.");
                WeightBytes.AsFloats(fetched.Span).CopyTo(weights.AsSpan((part - 1) * (round.PartLength / sizeof(float))));
            }

            var sha256 = WeightBytes.Sha256(weights);
            if (sha256 == round.WeightsSha256)
                return weights;
            if (tries == MostTries)
                throw new TrainingException(
                    $"The global weights of round {round.Round} came {MostTries} times with another SHA-256 ({sha256}) than announced ({round.WeightsSha256}); the aggregator's database may be damaged: check it with run verify.");
            log.WeightsUnlikeAnnounced(participant, round.RunId, round.Round, sha256, round.WeightsSha256, Pause);
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    /// <returns>The messages that bring a result; one unless its weights are longer than a part.</returns>
    public static IEnumerable<WeightsSubmitted> Parts(WeightsSubmitted whole, int partLength)
    {
        var count = WeightParts.Count(whole.Weights.Length, partLength);
        if (count == 1)
            return [whole];

        var sha256 = WeightBytes.Sha256(whole.Weights.Span);
        return Enumerable.Range(1, count).Select(part => whole with
        {
            Weights = WeightParts.Of(whole.Weights, part, partLength),
            Part = part,
            Parts = count,
            WeightsSha256 = sha256,
        });
    }

    private async Task<ReadOnlyMemory<byte>> Fetch(RoundStarted round, int part, CancellationToken cancellationToken)
    {
        var request = new FetchWeights
        {
            WorkerId = workerId,
            RunId = round.RunId,
            Round = round.Round,
            WeightsSha256 = round.WeightsSha256 ?? "",
            Part = part,
            PartLength = round.PartLength,
        };
        while (true)
        {
            try
            {
                // Abandoned rather than cancelled, as the requests of ParticipantSession.
                var response = await requests.GetResponse<WeightsFetched, WeightsUnavailable>(request, CancellationToken.None)
                    .WaitAsync(2 * FetchedWithin.Value, cancellationToken);
                return response.Is(out Response<WeightsFetched>? fetched) ? fetched.Message.Weights
                    : throw new TrainingException(response.Is(out Response<WeightsUnavailable>? unavailable) ? unavailable.Message.Reason : "The answer was empty.");
            }
            catch (Exception exception) when (exception is not TrainingException && !cancellationToken.IsCancellationRequested)
            {
                if (rare.MaySay("not fetched", out var since))
                    log.WeightsNotFetched(exception, participant, round.RunId, round.Round, part, Pause, RareLines.Meanwhile(since));
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }
}
