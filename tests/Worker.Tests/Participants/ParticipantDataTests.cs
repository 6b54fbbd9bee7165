using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Participants;
using FedQueue.Worker.Tests.Data;

namespace FedQueue.Worker.Tests.Participants;

public sealed class ParticipantDataTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Spans_are_of_the_columns_of_the_plan_over_the_training_rows_alone()
    {
        // Five rows, so four are for training; the last one's 99 is held out.
        var path = folder.Write("name,load,temp,other\nu,3,-1,1\nv,1,0.5,1\nw,2,1e2,1\nx,5,7,1\ny,99,8,1\n");
        var plan = new PlanOffered { RunId = "run", Columns = new() { Target = "load", Features = ["temp"], Window = 1 }, NeedsSpans = true };

        var check = Data(path).Check(plan);

        Assert.Null(check.Problem);
        Assert.Equal(
            [new() { Column = "temp", Count = 4, Minimum = -1, Maximum = 100 }, new() { Column = "load", Count = 4, Minimum = 1, Maximum = 5 }], check.Spans);
        Assert.Null(Data(path).Check(plan with { NeedsSpans = false }).Spans);
        Assert.Null(Data(path, shareSpans: false).Check(plan).Spans);
    }

    [Fact]
    public void A_file_that_will_not_do_says_why_and_is_looked_at_as_it_is_now()
    {
        var path = folder.Write("load,temp\n" + string.Concat(Enumerable.Repeat("1,2\n", 9)));
        var plan = new PlanOffered { RunId = "run", Columns = new() { Target = "load", Features = ["humidity"], Window = 1 } };
        var data = Data(path);
        Assert.Contains("line 1: the header lacks 'humidity'; it has 'load', 'temp'", data.Check(plan).Problem, StringComparison.Ordinal);
        var before = data.Stamp();

        File.WriteAllText(path, "load,humidity\n" + string.Concat(Enumerable.Repeat("1,2\n", 9)));

        Assert.NotEqual(before, data.Stamp());
        Assert.Null(data.Check(plan).Problem);
    }

    [Fact]
    public void Windows_are_scaled_by_the_spans_of_the_plan()
    {
        var path = folder.Write("x,y\n" + string.Concat(Enumerable.Range(0, 10).Select(row => $"{row},{10 * row}\n")));
        var columns = new ColumnPlan
        {
            Target = "y",
            Features = ["x"],
            Window = 1,
            Spans = [new() { Column = "x", Count = 99, Minimum = -10, Maximum = 10 }, new() { Column = "y", Count = 99, Minimum = 0, Maximum = 200 }],
        };

        var windows = ParticipantWindows.From(ParticipantFile.Read(path, columns));

        Assert.Equal([0.5f, 0.55f], windows.TrainingInputs[..2]);
        Assert.Equal([0.05f, 0.1f], windows.TrainingLabels[..2]);
        Assert.Equal((0, 200), (windows.TargetMin, windows.TargetMax));
    }

    private static ParticipantData Data(string path, bool shareSpans = true) =>
        new("a", path, new WorkerOptions { ShareSpans = shareSpans }, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
}
