using System.Text.Json;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class PlanCheckTests
{
    [Fact]
    public void The_tutorials_plan_is_accepted() => Assert.Null(ProblemOf(new RunPlan()));

    public static TheoryData<RunPlan, string> Wrong() => new()
    {
        { new() { Rounds = 0 }, "The number of rounds is 0; it must be from 1 to 100,000." },
        { new() { Training = new() { Epochs = -1 } }, "The number of epochs is -1; it must be from 1 to 100,000." },
        { new() { Training = new() { LearningRate = double.NaN } }, "The learning rate is NaN; it must be above 0 and at most 1." },
        { new() { Goal = 3, Minimum = 4 }, "The minimum of 4 submissions exceeds the goal of 3." },
        { new() { Participants = 3, Goal = 4 }, "The goal of 4 submissions exceeds the 3 participants that the run starts with." },
        { new() { Deadline = TimeSpan.Zero }, "The deadline is 00:00:00; it must be from 1 second to 7 days." },
        { new() { Training = new() { Engine = "cuda" } }, "There is no engine 'cuda'; choose one of auto, simd, torch." },
        { new() { Rule = "median" }, "There is no rule 'median'; choose one of fedavg, mean." },
        { new() { Columns = new() { Features = [] } }, "The features lack a name; name at least one input column, separated by commas." },
        { new() { Columns = new() { Features = ["A", "A"] } }, "The feature 'A' is named twice; name it once." },
        { new() { Columns = new() { Target = " " } }, "The target has no name; name the column to predict." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_plan_that_cannot_be_carried_out_is_refused_with_a_sentence(RunPlan plan, string sentence) =>
        Assert.Equal(sentence, ProblemOf(plan));

    [Fact]
    public void A_run_id_that_is_no_file_name_is_refused() =>
        Assert.Contains("'../x'", PlanCheck.ProblemOf(new StartRun { RunId = "../x", Plan = new() }), StringComparison.Ordinal);

    [Fact]
    public void Settings_left_empty_mean_the_defaults_of_the_plan()
    {
        var plan = new RunOptions { Rounds = 3, Goal = null, Features = "A, B", Group = "" }.ToCommand().Plan;

        Assert.Equal((3, 100, null, null), (plan.Rounds, plan.Training.Epochs, plan.Goal, plan.Columns.Group));
        Assert.Equal(["A", "B"], plan.Columns.Features);
    }

    [Fact]
    public void A_new_run_chooses_its_engine_and_one_that_was_stored_before_there_was_a_choice_keeps_libtorch()
    {
        Assert.Equal(Engine.Auto, new RunOptions().ToCommand().Plan.Training.Engine);
        Assert.Equal(Engine.Torch, JsonSerializer.Deserialize<RunPlan>("""{"Rounds": 3, "Training": {"Epochs": 5}}""")!.Training.Engine);
    }

    private static string? ProblemOf(RunPlan plan) => PlanCheck.ProblemOf(new StartRun { RunId = "run", Plan = plan });
}
