using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public class BaselinesTests
{
    private static readonly ColumnPlan Plan = new() { Target = "y", Features = ["x"], Window = 2 };

    [Fact]
    public void The_three_forecasts_have_the_errors_that_a_hand_works_out()
    {
        double[] y = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];
        double[] x = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

        var baselines = Baselines.Of(Cut(Plan, x, y));

        // Labels to learn from are 20 to 70, so their mean is 45; the held-out ones are 80 and 90.
        Assert.Equal(100, baselines.RepeatLast!.MeanSquaredError, 1e-9);
        Assert.Equal((35 * 35 + 45 * 45) / 2.0, baselines.Mean.MeanSquaredError, 1e-3);
        Assert.Equal(40, baselines.Mean.MeanAbsoluteError, 1e-4);
        Assert.InRange(baselines.Linear!.MeanAbsoluteError, 0, 1e-4);
    }

    [Fact]
    public void With_horizon_0_there_is_no_last_value_to_repeat()
    {
        double[] values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

        Assert.Null(Baselines.Of(Cut(Plan with { Horizon = 0 }, values, values)).RepeatLast);
    }

    [Fact]
    public void A_window_too_wide_for_the_linear_model_has_none()
    {
        var plan = Plan with { Window = LinearModel.MaxInputs + 1 };
        var values = new double[5_100];

        Assert.Null(Baselines.Of(Cut(plan, values, values)).Linear);
    }

    [Fact]
    public void Least_squares_gives_the_line_of_the_textbook()
    {
        // Through (1, 2), (2, 3), (3, 5), (4, 4) and (5, 6) it is 1.3 + 0.9 x.
        var model = LinearModel.Fit([1, 2, 3, 4, 5], [2, 3, 5, 4, 6]);

        Assert.Equal([6.7, 1.3], model.Predict([6, 0]).Select(value => Math.Round(value, 5)));
    }

    [Fact]
    public void Dependent_and_constant_inputs_are_no_obstacle()
    {
        // The second input is twice the first, the third never changes.
        var model = LinearModel.Fit([1, 2, 7, 2, 4, 7, 3, 6, 7, 4, 8, 7, 5, 10, 7], [2, 3, 5, 4, 6]);
        var constant = LinearModel.Fit([7, 7, 7], [1, 2, 6]);

        Assert.Equal(6.7, model.Predict([6, 12, 7])[0], 1e-4);
        Assert.Equal(3, constant.Predict([9])[0], 1e-6);
    }

    private static ParticipantWindows Cut(ColumnPlan plan, double[] features, double[] target) =>
        ParticipantWindows.From(new("task_001.csv", plan, features, [.. target], [0], []));
}
