using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Worker.Tests.Training;

/// <summary>What every trainer must hold.</summary>
public abstract class TrainerTests
{
    private protected static readonly ModelPlan Model = new() { Inputs = 3, Units = 5 };

    private protected abstract ITrainer Trainer { get; }

    /// <summary>Libraries have a function for each remainder of a vector's width, and one of them was wrong on one processor.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(16, 2)]
    [InlineData(32, 1)]
    [InlineData(33, 1)]
    [InlineData(48, 2)]
    public void Predictions_equal_those_of_the_LSTM_equations(int units, int layers)
    {
        var model = Model with { Units = units, Layers = layers };
        var weights = RandomWeights(model, seed: 1);
        var windows = RandomWindows(rows: 100, seed: 2);

        var predictions = Trainer.Predict(model, weights, windows.HeldOutInputs, windows.Window);

        Assert.Equal(20, windows.HeldOutCount);
        for (var n = 0; n < windows.HeldOutCount; n++)
        {
            var size = windows.Window * model.Inputs;
            Assert.Equal(ReferenceLstm.Predict(model, weights, windows.HeldOutInputs.AsSpan(n * size, size)), predictions[n], 1e-5);
        }
    }

    /// <summary>After one step from fresh moments Adam has moved every weight with a clear gradient by the learning rate (Kingma and Ba 2015).</summary>
    [Fact]
    public void The_first_step_is_Adams_and_goes_down_the_gradient()
    {
        var weights = RandomWeights(Model, seed: 1);
        var windows = RandomWindows(rows: 14, seed: 2);
        var plan = new TrainingPlan { Epochs = 1, BatchSize = 8, LearningRate = 0.001 };

        var trained = Trainer.Train(Job(plan, weights, windows), (_, _) => { }, CancellationToken.None).Weights;

        for (var i = 0; i < weights.Length; i++)
        {
            var gradient = ReferenceLstm.Gradient(Model, weights, windows, i);
            if (Math.Abs(gradient) > 1e-4)
                Assert.Equal(-0.001 * gradient / (Math.Abs(gradient) + TrainingPlan.Epsilon), trained[i] - weights[i], 2e-6);
        }
    }

    [Fact]
    public void The_loss_reported_is_the_mean_over_all_windows_of_the_epoch_and_falls()
    {
        var losses = new List<double>();
        var windows = RandomWindows(rows: 92, seed: 3);
        var weights = RandomWeights(Model, seed: 1);
        var plan = new TrainingPlan { Epochs = 60, LearningRate = 0.01 };

        var result = Trainer.Train(Job(plan, weights, windows), (epoch, loss) =>
        {
            losses.Add(loss);
            Assert.Equal(losses.Count, epoch);
        }, CancellationToken.None);

        Assert.Equal(60, losses.Count);
        Assert.Equal(losses[^1], result.Loss);
        Assert.True(losses[^1] < losses[0] / 4, $"The loss went from {losses[0]} to {losses[^1]}.");

        // One step from the same weights, so the loss is that of the start weights over every window.
        var whole = Trainer.Train(Job(plan with { Epochs = 1, BatchSize = 70 }, weights, windows), (_, _) => { }, CancellationToken.None);
        var predictions = Trainer.Predict(Model, weights, windows.TrainingInputs, windows.Window);
        Assert.Equal(predictions.Zip(windows.TrainingLabels, (p, y) => Math.Pow(p - y, 2)).Average(), whole.Loss, 1e-6);
    }

    [Fact]
    public async Task Equal_jobs_give_equal_bits_alone_and_at_the_same_time()
    {
        var windows = RandomWindows(rows: 92, seed: 3);
        var weights = RandomWeights(Model, seed: 1);
        var plan = new TrainingPlan { Epochs = 5 };
        float[] Train() => Trainer.Train(Job(plan, weights, windows), (_, _) => { }, CancellationToken.None).Weights;

        var alone = Train();
        var together = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Factory.StartNew(
            Train, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.All(together, trained => Assert.Equal(alone, trained));
    }

    [Fact]
    public void What_was_done_before_leaves_no_trace()
    {
        // Trained and predicted in batches of 64 both, so in one network where networks are used again.
        var (plan, weights, windows) = (new TrainingPlan { Epochs = 3, BatchSize = 64 }, RandomWeights(Model, seed: 1), RandomWindows(rows: 92, seed: 3));
        (float[] Trained, float[] Predicted) Do() => (
            Trainer.Train(Job(plan, weights, windows), (_, _) => { }, CancellationToken.None).Weights,
            Trainer.Predict(Model, weights, windows.TrainingInputs, windows.Window));
        var first = Do();

        // Of the same shape, on other windows: a training that is cancelled in its midst, one that ends in NaN, and one to its end.
        var (others, otherWindows) = (RandomWeights(Model, seed: 8), RandomWindows(rows: 92, seed: 9));
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Trainer.Train(Job(plan, others, otherWindows), (_, _) => cancel.Cancel(), cancel.Token));
        float[] broken = [float.NaN, .. others[1..]];
        Assert.Throws<TrainingException>(() => Trainer.Train(Job(plan, broken, otherWindows), (_, _) => { }, CancellationToken.None));
        Assert.Contains(float.NaN, Trainer.Predict(Model, broken, otherWindows.TrainingInputs, windows.Window));
        Trainer.Train(Job(plan with { LearningRate = 0.1 }, others, otherWindows), (_, _) => { }, CancellationToken.None);

        var second = Do();
        Assert.Equal(first.Trained, second.Trained);
        Assert.Equal(first.Predicted, second.Predicted);
    }

    [Fact]
    public void Another_shuffling_gives_other_weights()
    {
        var windows = RandomWindows(rows: 92, seed: 3);
        var weights = RandomWeights(Model, seed: 1);
        float[] Train(ulong seed) => Trainer.Train(
            new TrainingJob(Model, new TrainingPlan { Epochs = 2 }, weights, windows, new SeededRandom(seed)), (_, _) => { }, CancellationToken.None).Weights;

        Assert.NotEqual(Train(1), Train(2));
    }

    [Fact]
    public void Training_stops_when_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var job = Job(new TrainingPlan { Epochs = 100_000 }, RandomWeights(Model, 1), RandomWindows(92, 3));

        Assert.Throws<OperationCanceledException>(() => Trainer.Train(job, (epoch, _) =>
        {
            if (epoch == 2)
                cancel.Cancel();
        }, cancel.Token));
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_training_with_a_sentence()
    {
        var weights = RandomWeights(Model, 1);
        weights[^1] = float.NaN;

        var exception = Assert.Throws<TrainingException>(
            () => Trainer.Train(Job(new TrainingPlan(), weights, RandomWindows(92, 3)), (_, _) => { }, CancellationToken.None));
        Assert.Equal("The training loss became NaN in epoch 1; a smaller learning rate than 0.001 may help.", exception.Message);
    }

    private static TrainingJob Job(TrainingPlan plan, float[] weights, ParticipantWindows windows) =>
        new(Model, plan, weights, windows, new SeededRandom(1));

    private protected static float[] RandomWeights(ModelPlan model, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, model.ParameterCount()).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    /// <summary>Windows of 4 rows; of n rows, ⌊0.8·n⌋ − 3 are for training.</summary>
    private protected static ParticipantWindows RandomWindows(int rows, ulong seed)
    {
        var random = new SeededRandom(seed);
        var features = Enumerable.Range(0, rows * Model.Inputs).Select(_ => random.NextDouble()).ToArray();

        // The label follows from the window's last row, so that there is something to learn.
        var target = Enumerable.Range(1, rows).Select(row => features[row * Model.Inputs - 1]).ToArray();
        var columns = new ColumnPlan { Features = ["A", "B", "C"], Target = "T", Window = 4, Horizon = 0 };
        return ParticipantWindows.From(new ParticipantTable("random.csv", columns, features, target, [0], []));
    }
}

public sealed class TorchTrainerTests : TrainerTests
{
    private protected override ITrainer Trainer { get; } = new TorchTrainer();
}

public sealed class SimdTrainerTests : TrainerTests
{
    private protected override ITrainer Trainer { get; } = new SimdTrainer();

    [Fact]
    public void Another_round_makes_no_network()
    {
        var (model, windows) = (Model with { Units = 64 }, RandomWindows(rows: 92, seed: 3));
        var job = new TrainingJob(model, new TrainingPlan { Epochs = 1 }, RandomWeights(model, 1), windows, new SeededRandom(1));
        var (first, second) = (Allocated(), Allocated());

        // The two networks are 1.05 MB; what else is allocated depends on how the trainer was compiled.
        Assert.True(first - second > 1_000_000, $"{second} bytes, after {first}.");

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Trainer.Train(job, (_, _) => { }, CancellationToken.None);
            Trainer.Predict(model, job.Weights, windows.HeldOutInputs, windows.Window);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
