using ScottPlot;

namespace FedQueue.Cli.Models;

internal static class PredictionPlot
{
    private const int Width = 1200;
    private const int Height = 500;

    /// <summary>Actual and predicted values over the rows.</summary>
    public static byte[] Png(IReadOnlyList<Prediction> predictions, string target)
    {
        using var plot = new Plot();
        var actual = predictions.Where(p => p.Actual is not null).ToList();
        if (actual.Count > 0)
            plot.Add.ScatterLine(actual.Select(p => (double)p.Row).ToArray(), actual.Select(p => p.Actual!.Value).ToArray()).LegendText = "actual";
        plot.Add.ScatterLine(predictions.Select(p => (double)p.Row).ToArray(), predictions.Select(p => p.Predicted).ToArray()).LegendText = "predicted";
        plot.XLabel("row");
        plot.YLabel(target);
        plot.ShowLegend(Alignment.UpperRight);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }
}
