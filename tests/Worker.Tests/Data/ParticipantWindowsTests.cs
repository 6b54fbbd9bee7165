using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public class ParticipantWindowsTests
{
    private static readonly ColumnPlan Plan = new() { Target = "y", Features = ["x"], Window = 2 };

    // Ten rows, so rows 0 to 7 are the training rows: x is 0 to 7 there, and y ten times x.
    private static readonly double[] X = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    private static readonly double[] Y = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];

    [Fact]
    public void A_label_is_the_target_one_row_after_the_window()
    {
        var windows = Cut(Plan, X, Y);

        Assert.Equal((6, 2, 2, 1), (windows.TrainingCount, windows.HeldOutCount, windows.Window, windows.Features));
        Assert.Equal(Scaled(0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6), windows.TrainingInputs);
        Assert.Equal(Scaled(2, 3, 4, 5, 6, 7), windows.TrainingLabels);
        Assert.Equal(Scaled(6, 7, 7, 8), windows.HeldOutInputs);
        Assert.Equal(Scaled(8, 9), windows.HeldOutLabels);
        Assert.Equal([80, 90], windows.HeldOutActual);
        Assert.Equal([70, 80], windows.HeldOutLast!);
        Assert.Equal((0, 70), (windows.TargetMin, windows.TargetMax));
    }

    [Fact]
    public void With_horizon_0_the_label_is_the_target_of_the_windows_last_row()
    {
        var windows = Cut(Plan with { Horizon = 0 }, X, Y);

        Assert.Equal(Scaled(1, 2, 3, 4, 5, 6, 7), windows.TrainingLabels);
        Assert.Equal(Scaled(7, 8, 8, 9), windows.HeldOutInputs);
        Assert.Equal([80, 90], windows.HeldOutActual);
        Assert.Null(windows.HeldOutLast);
    }

    [Fact]
    public void With_horizon_3_the_label_is_three_rows_after_the_windows_last_row()
    {
        var windows = Cut(Plan with { Horizon = 3 }, X, Y);

        Assert.Equal(Scaled(4, 5, 6, 7), windows.TrainingLabels);
        Assert.Equal(Scaled(4, 5, 5, 6), windows.HeldOutInputs);
        Assert.Equal([50, 60], windows.HeldOutLast!);
    }

    [Fact]
    public void A_window_is_row_major_in_the_plans_order_of_features()
    {
        double[] features = [0, 5, 1, 4, 2, 3, 3, 0, 4, 9];
        var windows = Cut(Plan with { Features = ["a", "b"] }, features, [0, 1, 2, 3, 4]);

        // The training rows are 0 to 3: a from 0 to 3, b from 0 to 5.
        Assert.Equal([0f, 1f, 1 / 3f, 0.8f, 1 / 3f, 0.8f, 2 / 3f, 0.6f], windows.TrainingInputs);
        Assert.Equal([2 / 3f, 0.6f, 1f, 0f], windows.HeldOutInputs);
    }

    [Fact]
    public void Scaling_knows_nothing_of_the_held_out_rows()
    {
        double[] otherX = [.. X[..8], -1e6, 1e6], otherY = [.. Y[..8], 1e6, -1e6];

        var (windows, other) = (Cut(Plan, X, Y), Cut(Plan, otherX, otherY));

        Assert.Equal(windows.TrainingInputs, other.TrainingInputs);
        Assert.Equal(windows.TrainingLabels, other.TrainingLabels);
        Assert.Equal((0, 70), (other.TargetMin, other.TargetMax));
        Assert.Equal([1e6, -1e6], other.HeldOutActual);
    }

    [Fact]
    public void A_constant_column_and_a_constant_target_scale_to_0_and_back()
    {
        double[] constantUntilHeldOut = [3, 3, 3, 3, 3, 3, 3, 3, 9, 3];
        var windows = Cut(Plan, constantUntilHeldOut, [.. Enumerable.Repeat(7.0, 10)]);

        Assert.All(windows.TrainingInputs, value => Assert.Equal(0, value));
        Assert.All(windows.HeldOutInputs, value => Assert.Equal(0, value));
        Assert.All(windows.TrainingLabels, value => Assert.Equal(0, value));
        Assert.Equal(7, windows.ToTargetUnit(0.25f));
    }

    [Fact]
    public void Held_out_values_far_beyond_a_tiny_range_stay_finite()
    {
        double[] x = [0, 1e-30, 0, 1e-30, 0, 1e-30, 0, 1e-30, 3e38, -3e38];

        Assert.All(Cut(Plan with { Horizon = 0 }, x, Y).HeldOutInputs, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void No_window_and_no_label_crosses_from_one_series_to_the_next()
    {
        for (var seed = 0UL; seed < 300; seed++)
        {
            var random = new SeededRandom(seed);
            var plan = Plan with { Window = 1 + random.NextInt(4), Horizon = random.NextInt(3) };
            var lengths = Enumerable.Range(0, 20).Select(_ => 1 + random.NextInt(12)).ToArray();
            int[] starts = [.. lengths.Select((_, series) => lengths.Take(series).Sum())];
            double[] seriesOfRow = [.. lengths.SelectMany((length, series) => Enumerable.Repeat((double)series, length))];

            var windows = ParticipantWindows.From(new("task_001.csv", plan, seriesOfRow, [.. seriesOfRow], starts, []));

            var expected = lengths.Sum(length => Math.Max(0, length - plan.Window + 1 - plan.Horizon));
            Assert.True(expected == windows.TrainingCount + windows.HeldOutCount, $"seed {seed}");
            var labels = windows.TrainingLabels.Concat(windows.HeldOutLabels).SelectMany(label => Enumerable.Repeat(label, plan.Window));
            Assert.True(labels.SequenceEqual(windows.TrainingInputs.Concat(windows.HeldOutInputs)), $"seed {seed}");
        }
    }

    [Fact]
    public void The_shortest_file_has_one_training_and_one_held_out_window()
    {
        var shortest = Cut(Plan, X[..4], Y[..4]);
        var problem = Assert.Throws<DataException>(() => Cut(Plan, X[..3], Y[..3])).Message;

        Assert.Equal((1, 1), (shortest.TrainingCount, shortest.HeldOutCount));
        Assert.Equal(
            "task_001.csv: 3 rows in 1 series give 0 training and 1 held-out windows of 2 rows with horizon 1, and one of each is needed; "
            + "add rows, or choose a shorter window.",
            problem);
    }

    [Fact]
    public void More_than_2_GiB_of_windows_are_refused()
    {
        var rows = new double[80_000];

        var problem = Assert.Throws<DataException>(() => Cut(Plan with { Window = 10_000 }, rows, [.. rows])).Message;

        Assert.Equal(
            "task_001.csv: 70000 windows of 10000 rows and 1 features take more than 2 GiB; choose a shorter window, fewer features or fewer rows.",
            problem);
    }

    [Fact]
    public void Errors_are_in_the_targets_own_unit_and_held_against_the_capped_target()
    {
        var windows = Cut(Plan with { TargetCap = 85 }, X, Y);

        // Actual values are 80 and 85 (90, capped), the predictions 77 and 89.6: errors of -3 and 4.6.
        var error = windows.ErrorOf([1.1f, 1.28f]);

        Assert.Equal(2, error.WindowCount);
        Assert.Equal((9 + 21.16) / 2, error.MeanSquaredError, 1e-4);
        Assert.Equal((3 + 4.6) / 2, error.MeanAbsoluteError, 1e-5);
        Assert.Throws<ArgumentException>(() => windows.ErrorOf([1f]));
    }

    private static ParticipantWindows Cut(ColumnPlan plan, double[] features, double[] target) =>
        ParticipantWindows.From(new("task_001.csv", plan, features, [.. target], [0], []));

    private static float[] Scaled(params int[] values) => [.. values.Select(value => value / 7f)];
}
