using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.Kernels;

/// <summary>An epoch of optimiser steps on random windows.</summary>
internal sealed class Steps
{
    private readonly ParticipantWindows windows;
    private readonly TrainingPlan plan;
    private readonly float[] weights;

    /// <param name="shape">Of the model and its batches.</param>
    /// <param name="batches">Whole batches that an epoch has at least.</param>
    public Steps(StepShape shape, int batches)
    {
        Model = new() { Inputs = shape.Inputs, Units = shape.Units, Layers = shape.Layers };
        plan = new() { Epochs = 1, BatchSize = shape.Batch };
        var random = new SeededRandom(1);
        weights = [.. Enumerable.Range(0, Model.ParameterCount()).Select(_ => (float)(random.NextDouble() - 0.5) / 4)];
        var rows = (int)Math.Ceiling((batches * shape.Batch + shape.Window - 1) / 0.8) + 1;
        var features = Enumerable.Range(0, rows * shape.Inputs).Select(_ => random.NextDouble()).ToArray();
        var columns = new ColumnPlan { Features = [.. Enumerable.Range(0, shape.Inputs).Select(i => $"f{i}")], Target = "t", Window = shape.Window, Horizon = 0 };
        windows = ParticipantWindows.From(new ParticipantTable("random", columns, features, [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())], [0], []));
    }

    public ModelPlan Model { get; }

    public int Count => (windows.TrainingCount + plan.BatchSize - 1) / plan.BatchSize;

    public void Run(ITrainer trainer) =>
        trainer.Train(new TrainingJob(Model, plan, weights, windows, new SeededRandom(1)), (_, _) => { }, CancellationToken.None);
}

/// <summary>A model and its batches.</summary>
internal sealed record StepShape(int Inputs, int Units, int Layers, int Window, int Batch)
{
    /// <summary>What the tutorial trains comes first.</summary>
    public static IReadOnlyList<StepShape> All { get; } = [new(8, 32, 1, 10, 32), new(8, 64, 2, 30, 64), new(8, 16, 1, 10, 32), new(8, 128, 1, 10, 32), new(8, 33, 1, 10, 32)];

    public override string ToString() => $"{Inputs}, {Units} × {Layers}, {Window}, {Batch}";
}
