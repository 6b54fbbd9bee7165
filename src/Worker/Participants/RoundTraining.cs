using System.Diagnostics;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;
using MassTransit;

namespace FedQueue.Worker.Participants;

/// <summary>Answers one participant's rounds, one after the other, on a thread of its own.</summary>
internal sealed class RoundTraining(
    string workerId, string participant, ParticipantData data, WorkerOptions options, RoundInbox inbox, IBus bus, IUplink uplink, Trainers trainers, TrainingMetrics metrics,
    TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromSeconds(2);

    private readonly RareLines rare = new(clock);
    private readonly WeightTransfer transfer = new(workerId, participant, bus, clock, log);
    private (string RunId, ParticipantWindows Windows, ITrainer Trainer)? prepared;

    /// <summary>Runs until <paramref name="lease"/> is cancelled.</summary>
    public async Task Run(CancellationToken lease)
    {
        try
        {
            while (true)
            {
                var (round, superseded) = await inbox.Take(lease);
                try
                {
                    await Answer(round, superseded, lease);
                }
                finally
                {
                    inbox.Done();
                }
            }
        }
        catch (OperationCanceledException) when (lease.IsCancellationRequested)
        {
            // The participant was given back or lost; whoever holds it next is told the open round.
        }
    }

    private async Task Answer(RoundStarted round, CancellationToken superseded, CancellationToken lease)
    {
        if (!round.Participants.Contains(participant))
        {
            log.NotInRound(participant, round.RunId, Place(round));
            return;
        }

        object answer;
        try
        {
            if (PlanLimits.ProblemOf(round.Model, options.MostParameters, $"{WorkerOptions.Section}:{nameof(WorkerOptions.MostParameters)}") is { } problem)
                throw new TrainingException(problem);
            var global = await Fetch(round, superseded);
            answer = await TrainingThreads.Run(() => Work(round, global, superseded));
        }
        catch (OperationCanceledException) when (superseded.IsCancellationRequested)
        {
            log.RoundLeft(participant, round.RunId, Place(round));
            return;
        }
        catch (Exception exception)
        {
            // What people can mend has a sentence; the stack is for who mends the program.
            var isForPeople = exception is DataException or TrainingException;
            if (isForPeople)
                log.CannotTrain(participant, round.RunId, Place(round), exception.Message);
            else
                log.TrainingFailed(exception, participant, round.RunId, Place(round));
            answer = new TrainingFailed
            {
                RoundId = round.RoundId,
                RunId = round.RunId,
                Round = round.Round,
                Participant = participant,
                WorkerId = workerId,
                IsOfData = exception is DataException,
                Reason = MessageCheck.Reason(isForPeople ? exception.Message : $"The training ended with an unexpected error: {exception.Message}"),
            };
        }

        using var span = TrainingMetrics.Step("submit", round, participant);
        IEnumerable<object> messages = answer is WeightsSubmitted whole ? WeightTransfer.Parts(whole, round.PartLength) : [answer];
        try
        {
            foreach (var message in messages)
                await Send(message, superseded);
        }
        catch (OperationCanceledException) when (superseded.IsCancellationRequested)
        {
            // The round is over without it.
            log.RoundLeft(participant, round.RunId, Place(round));
            return;
        }

        inbox.Answered();
        log.Answered(participant, round.RunId, Place(round), answer.GetType().Name);

        if (answer is ModelEvaluated && round.CompareLocal)
            await CompareLocal(round, superseded, lease);
    }

    /// <summary>Trains a model of the own rows alone, while nothing else is asked for. The run has ended without it, so it is not made up for.</summary>
    private async Task CompareLocal(RoundStarted round, CancellationToken superseded, CancellationToken lease)
    {
        var (_, windows, trainer) = prepared!.Value;
        var epochs = round.Rounds * round.Training.Epochs;
        try
        {
            log.OwnModelBegins(participant, round.RunId, epochs);
            var started = clock.GetTimestamp();
            var error = await TrainingThreads.Run(() =>
            {
                var weights = SeparateModel.Train(
                    trainer, round.Model, round.Training, round.Rounds, round.Seed, windows, SeparateModel.Local(participant), (_, _) => { }, superseded);
                return windows.ErrorOf(trainer.Predict(round.Model, weights, windows.HeldOutInputs, windows.Window));
            });

            await Send(new LocalModelEvaluated
            {
                RunId = round.RunId,
                Round = round.Round,
                Participant = participant,
                WorkerId = workerId,
                Error = error,
                TrainingTime = clock.GetElapsedTime(started),
            }, lease);
            log.OwnModelEvaluated(participant, round.RunId, epochs, error.RootMeanSquaredError());
        }
        catch (OperationCanceledException) when (superseded.IsCancellationRequested)
        {
            log.OwnModelLeft(participant, round.RunId);
        }
        catch (Exception exception)
        {
            // Whatever it is, the next round must still be answered.
            log.OwnModelFailed(exception, participant, round.RunId);
        }
    }

    private static string Place(RoundStarted round) => RoundIdentity.PlaceOf(round.Round, round.EvaluateOnly);

    private async Task<float[]> Fetch(RoundStarted round, CancellationToken superseded)
    {
        using var span = round.Weights.Length == 0 ? TrainingMetrics.Step("fetch", round, participant) : null;
        return await transfer.Fetch(round, superseded);
    }

    private object Work(RoundStarted round, float[] global, CancellationToken superseded)
    {
        if (prepared?.RunId != round.RunId)
            prepared = Prepare(round);
        var (_, windows, trainer) = prepared.Value;

        var predicted = Predict(global);
        var globalError = windows.ErrorOf(predicted);
        var forecast = options.SharePredictions ? windows.ForecastOf(predicted) : null;
        if (round.EvaluateOnly)
            return new ModelEvaluated
            {
                RoundId = round.RoundId,
                RunId = round.RunId,
                Round = round.Round,
                Participant = participant,
                WorkerId = workerId,
                GlobalError = globalError,
                RepeatLastError = Baselines.RepeatLastOf(windows),
                MeanError = Baselines.MeanOf(windows),
                Forecast = forecast,
            };

        var started = clock.GetTimestamp();
        var shuffling = SeededRandom.For(round.Seed, $"shuffle/{round.Round}/{participant}");
        var job = new TrainingJob(round.Model, round.Training, global, windows, shuffling);
        log.TrainingBegins(participant, round.RunId, round.Round);
        var result = Train(trainer, job, round, superseded);

        return new WeightsSubmitted
        {
            RoundId = round.RoundId,
            RunId = round.RunId,
            Round = round.Round,
            Participant = participant,
            WorkerId = workerId,
            SampleCount = windows.TrainingCount,
            Weights = WeightBytes.AsBytes(result.Weights),
            GlobalError = globalError,
            Forecast = forecast,
            LocalError = windows.ErrorOf(Predict(result.Weights)),
            TrainingLoss = result.Loss,
            TrainingTime = clock.GetElapsedTime(started),
        };

        float[] Predict(float[] weights)
        {
            using var span = TrainingMetrics.Step("evaluate", round, participant);
            return trainer.Predict(round.Model, weights, windows.HeldOutInputs, windows.Window);
        }
    }

    private TrainingResult Train(ITrainer trainer, TrainingJob job, RoundStarted round, CancellationToken superseded)
    {
        using var span = TrainingMetrics.Step("train", round, participant);
        var started = clock.GetTimestamp();
        try
        {
            var result = trainer.Train(job, Progress(round), superseded);
            metrics.Trained(Engine.Choose(round.Training.Engine).Engine, clock.GetElapsedTime(started), (long)job.Windows.TrainingCount * job.Plan.Epochs);
            return result;
        }
        catch (Exception exception)
        {
            span?.SetStatus(ActivityStatusCode.Error, exception.Message);
            throw;
        }
    }

    private (string RunId, ParticipantWindows Windows, ITrainer Trainer) Prepare(RoundStarted round)
    {
        var windows = data.Windows(round);
        var trainer = trainers.For(round.Training.Engine);
        var (engine, why) = Engine.Choose(round.Training.Engine);
        log.EngineChosen(participant, round.RunId, engine, trainer is SimdTrainer ? $"{why}; vectors of {SimdTrainer.VectorBits} bits" : why);
        if (trainer is SimdTrainer && !SimdTrainer.IsFast)
            log.SimdIsSlow(participant, round.RunId);
        return (round.RunId, windows, trainer);
    }

    private Action<int, double> Progress(RoundStarted round)
    {
        var last = clock.GetTimestamp();
        return (epoch, loss) =>
        {
            if (epoch > 1 && epoch < round.Training.Epochs && clock.GetElapsedTime(last) < ProgressInterval)
                return;

            last = clock.GetTimestamp();
            _ = PublishProgress(new TrainingProgressed
            {
                RunId = round.RunId,
                Round = round.Round,
                Participant = participant,
                Epoch = epoch,
                Epochs = round.Training.Epochs,
                Loss = loss,
            });
        };
    }

    /// <summary>For people to watch: training neither waits for it nor fails with it.</summary>
    private async Task PublishProgress(TrainingProgressed progress)
    {
        try
        {
            using var untraced = TrainingMetrics.Untraced();
            await bus.Publish(progress, Pipe.Execute<PublishContext>(context => TrainingMetrics.Mark(context, untraced)));
        }
        catch (Exception exception)
        {
            log.ProgressLost(exception, participant);
        }
    }

    /// <summary>Trained weights are worth keeping: a broker that is away is waited for.</summary>
    private async Task Send(object answer, CancellationToken lease)
    {
        while (true)
        {
            try
            {
                await uplink.Publish(answer, lease);
                return;
            }
            catch (Exception exception) when (!lease.IsCancellationRequested)
            {
                if (rare.MaySay("unsent", out var since))
                    log.AnswerUnsent(exception, participant, PauseAfterError, RareLines.Meanwhile(since));
                await Task.Delay(PauseAfterError, clock, lease);
            }
        }
    }
}
