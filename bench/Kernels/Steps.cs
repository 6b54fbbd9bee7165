using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.Kernels;

/// <summary>A training on random windows.</summary>
internal sealed class Steps
{
    private readonly ParticipantWindows windows;
    private readonly ModelPlan model;
    private readonly TrainingPlan plan;
    private readonly float[] weights;

    /// <param name="shape">Of the model and its batches.</param>
    /// <param name="batches">Whole batches that an epoch has at least.</param>
    /// <param name="epochs">Of a training.</param>
    public Steps(StepShape shape, int batches, int epochs)
    {
        model = shape.Model;
        plan = new() { Epochs = epochs, BatchSize = shape.Batch };
        var random = new SeededRandom(1);
        weights = [.. Enumerable.Range(0, model.ParameterCount()).Select(_ => (float)(random.NextDouble() - 0.5) / 4)];
        var rows = (int)Math.Ceiling((batches * shape.Batch + shape.Window - 1) / 0.8) + 1;
        var features = Enumerable.Range(0, rows * shape.Inputs).Select(_ => random.NextDouble()).ToArray();
        var columns = new ColumnPlan { Features = [.. Enumerable.Range(0, shape.Inputs).Select(i => $"f{i}")], Target = "t", Window = shape.Window, Horizon = 0 };
        windows = ParticipantWindows.From(new ParticipantTable("random", columns, features, [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())], [0], []));
    }

    /// <summary>Optimiser steps of a training.</summary>
    public int Count => (windows.TrainingCount + plan.BatchSize - 1) / plan.BatchSize * plan.Epochs;

    public void Run(ITrainer trainer) =>
        trainer.Train(new TrainingJob(model, plan, weights, windows, new SeededRandom(1)), (_, _) => { }, CancellationToken.None);
}

/// <summary>A model and its batches.</summary>
internal sealed record StepShape(int Inputs, int Units, int Layers, int Window, int Batch)
{
    /// <summary>What the tutorial trains comes first.</summary>
    public static IReadOnlyList<StepShape> All { get; } = [new(8, 32, 1, 10, 32), new(8, 64, 2, 30, 64), new(8, 16, 1, 10, 32), new(8, 128, 1, 10, 32), new(8, 33, 1, 10, 32)];

    public ModelPlan Model => new() { Inputs = Inputs, Units = Units, Layers = Layers };

    public override string ToString() => $"{Inputs}, {Units} × {Layers}, {Window}, {Batch}";
}
