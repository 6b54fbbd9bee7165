using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public sealed class RangesTests : IDisposable
{
    private static readonly ColumnPlan Plan = new() { Target = "y", Features = ["x"], Window = 2, TargetCap = 8 };

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Ranges_are_kept_to_the_bit_and_belong_to_one_run_and_its_columns()
    {
        var table = ParticipantFile.Read(directory.Write("x,y\n0.1,1\n0.30000000000000004,9\n0.2,3\n7,4\n1,5\n"), Plan);
        var ranges = ColumnRanges.Of(table);
        Assert.Equal((0.1, 7, 1, 8), (ranges.Features[0].Minimum, ranges.Features[0].Maximum, ranges.Target.Minimum, ranges.Target.Maximum));

        new RangesFile { Run = "run", Participant = "a", Features = ranges.Features, Target = ranges.Target }.Write(directory.Path);

        var path = Path.Combine(directory.Path, RangesFile.NameOf("run", "a"));
        var read = RangesFile.Read(path, "run", Plan);
        Assert.Equal(ranges.Features, read.Features);
        Assert.Equal(ranges.Target, read.Target);
        Assert.Contains("has the ranges of run run, and the model is of run other", Problem(() => RangesFile.Read(path, "other", Plan)), StringComparison.Ordinal);
        Assert.Contains("has ranges of x, and the model predicts from z", Problem(() => RangesFile.Read(path, "run", Plan with { Features = ["z"] })), StringComparison.Ordinal);
        File.WriteAllText(path, "{");
        Assert.Contains("cannot be read as a file of ranges", Problem(() => RangesFile.Read(path, "run", Plan)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_rows_are_scaled_alike_in_every_file_and_need_no_label()
    {
        var ranges = new ColumnRanges([new ColumnRange("x", 0, 10)], new ColumnRange("y", 0, 8));

        var whole = PredictionWindows.From(ParticipantFile.ReadNew(directory.Write("x,y\n100,1\n5,2\n7.5,3\n"), Plan), ranges);
        var last = PredictionWindows.From(ParticipantFile.ReadNew(directory.Write("x\n5\n7.5\n"), Plan), ranges);
        var partly = PredictionWindows.From(ParticipantFile.ReadNew(directory.Write("x,y\n1,1\n5,2\n7.5,NA\n"), Plan), ranges);

        Assert.Equal([0.5f, 0.75f], last.Inputs);
        Assert.Equal(last.Inputs, whole.Inputs[^2..]);
        Assert.Equal([3, null], whole.Actual);
        Assert.Equal([null, null], partly.Actual);
        Assert.Equal([(double?)null], last.Actual);
    }

    [Fact]
    public void A_label_that_is_a_feature_is_needed()
    {
        var path = directory.Write("x\n5\n7.5\n");

        Assert.Contains("the header lacks 'y'", Problem(() => ParticipantFile.ReadNew(path, Plan with { Features = ["x", "y"] })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_participant_whose_target_never_changes_counts_no_windows()
    {
        var windows = ParticipantWindows.From(ParticipantFile.Read(directory.Write($"x,y\n{string.Concat(Enumerable.Range(0, 20).Select(i => $"{i},3\n"))}"), Plan));

        Assert.Equal((0, 0.0), (windows.ErrorOf(new float[windows.HeldOutCount]).WindowCount, windows.ErrorOf(new float[windows.HeldOutCount]).MeanSquaredError));
    }

    private static string Problem(Action action) => Assert.Throws<DataException>(action).Message;
}
