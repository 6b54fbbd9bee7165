using System.Collections.Concurrent;
using System.Diagnostics;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.DefaultJob;

/// <summary>The training of the default job and nothing else: no queue, no rounds, nothing evaluated or stored.</summary>
internal sealed class TrainingAlone
{
    private static readonly TrainingPlan Plan = new();

    private readonly ModelPlan model;
    private readonly ParticipantWindows[] windows;
    private readonly int rounds;
    private readonly float[] weights;

    public TrainingAlone(string data, int rounds)
    {
        var columns = new ColumnPlan();
        model = new ModelPlan { Inputs = columns.Features.Count };
        windows = [.. Directory.GetFiles(data, "*.csv").Select(file => ParticipantWindows.From(ParticipantFile.Read(file, columns)))];
        var random = new SeededRandom(1);
        weights = [.. Enumerable.Range(0, model.ParameterCount()).Select(_ => (float)(random.NextDouble() - 0.5) / 4)];
        this.rounds = rounds;
    }

    public int Steps => windows.Sum(w => (w.TrainingCount + Plan.BatchSize - 1) / Plan.BatchSize) * Plan.Epochs * rounds;

    /// <summary>Every participant's rounds, on as many threads as there are cores.</summary>
    public TimeSpan Simd()
    {
        var jobs = new ConcurrentQueue<ParticipantWindows>(Enumerable.Repeat(windows, rounds).SelectMany(w => w));
        var trainer = new SimdTrainer();
        var started = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (jobs.TryDequeue(out var of))
                trainer.Train(new TrainingJob(model, Plan, weights, of, new SeededRandom(1)), (_, _) => { }, CancellationToken.None);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return Stopwatch.GetElapsedTime(started);
    }
}
