using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public sealed class ColumnSpansTests : IDisposable
{
    private readonly TemporaryDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Spans_are_of_numeric_columns_over_the_training_rows_alone()
    {
        // Five rows, so four are for training; the last one's 99 is held out, and its 'x' is no obstacle.
        var path = folder.Write("name,load,temp,temp2,twice,twice\nu,3,-1,1,1,1\nv,1,0.5,nan,1,1\nw,2,1e2,1,1,1\nx,5,7,1,1,1\ny,99,x,1,1,1\n");

        Assert.Equal(
            [new() { Column = "load", Count = 4, Minimum = 1, Maximum = 5 }, new() { Column = "temp", Count = 4, Minimum = -1, Maximum = 100 }],
            ColumnSpans.Of(path));
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
}
