using FedQueue.Contracts;
using FedQueue.Worker.Training;
using MassTransit;

namespace FedQueue.Worker.Participants;

/// <summary>Weights that are too large for one message: asks for the global ones and divides the trained ones, part by part.</summary>
internal sealed class WeightTransfer(string workerId, string participant, IBus bus, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly RequestTimeout FetchedWithin = RequestTimeout.After(s: 30);

    /// <summary>A part that was damaged on its way comes whole at the next try; what the aggregator has wrong stays wrong.</summary>
    private const int MostTries = 3;

    /// <summary>Over a slow network a part is asked for in this many halvings of it.</summary>
    private const int Halvings = 4;

    private const int ShortestPiece = 32 * 1024;

    private static readonly TimeSpan QuickPiece = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan SlowPiece = TimeSpan.FromSeconds(5);

    private int doublings;
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
            for (var done = 0; done < length;)
            {
                var piece = Piece(round.PartLength, done);
                var fetched = await Fetch(round, done / piece + 1, piece, cancellationToken);
                var expected = Math.Min(piece, length - done);
                if (fetched.Length != expected)
                    throw new TrainingException($"Bytes {done} and on of the global weights of round {round.Round} came as {fetched.Length} bytes instead of {expected}.");
                WeightBytes.AsFloats(fetched.Span).CopyTo(weights.AsSpan(done / sizeof(float)));
                done += fetched.Length;
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

    /// <returns>Bytes to ask for at once from there on: of lengths that divide a part, the longest that the network has shown itself good for.</returns>
    private int Piece(int partLength, int done)
    {
        var shortest = partLength >> Halvings;
        if (shortest < ShortestPiece || shortest << Halvings != partLength || shortest % sizeof(float) != 0)
            return partLength;
        var piece = shortest << doublings;
        while (done % piece != 0)
            piece >>= 1;
        return piece;
    }

    private void Learn(TimeSpan took) =>
        doublings = took < QuickPiece ? Math.Min(doublings + 1, Halvings) : took > SlowPiece ? Math.Max(doublings - 1, 0) : doublings;

    private async Task<ReadOnlyMemory<byte>> Fetch(RoundStarted round, int part, int partLength, CancellationToken cancellationToken)
    {
        var request = new FetchWeights
        {
            WorkerId = workerId,
            RunId = round.RunId,
            Round = round.Round,
            WeightsSha256 = round.WeightsSha256 ?? "",
            Part = part,
            PartLength = partLength,
        };
        while (true)
        {
            try
            {
                // Abandoned rather than cancelled, as the requests of ParticipantSession.
                var started = clock.GetTimestamp();
                var response = await requests.GetResponse<WeightsFetched, WeightsUnavailable>(request, CancellationToken.None)
                    .WaitAsync(2 * FetchedWithin.Value, cancellationToken);
                Learn(clock.GetElapsedTime(started));
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
