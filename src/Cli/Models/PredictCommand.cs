using System.CommandLine;
using System.Globalization;
using System.Text;
using FedQueue.Aggregator.Models;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Cli.Models;

/// <summary><c>fedqueue model predict</c>.</summary>
internal static class PredictCommand
{
    public static Command Create()
    {
        var (model, json) = (ModelCommand.Model(), Answer.Json());
        var data = new Option<string>("--data") { Description = "The CSV file to predict for.", Required = true };
        var output = new Option<string?>("--out") { Description = "CSV file for the predictions. Default: standard output." };
        var plot = new Option<string?>("--plot") { Description = "PNG file for a picture of the actual and the predicted values." };
        var command = new Command("predict",
            $"Predict for every window of a file, in the target's own unit, also beyond its last row.{Environment.NewLine}Example: fedqueue model predict --model runs/RUN/RUN.safetensors --data Data/task_001.csv --out predictions.csv --plot predictions.png")
        {
            model, data, output, plot, json,
        };
        var scaling = new ScalingOptions();
        scaling.AddTo(command);
        command.SetAction(arguments =>
        {
            var (file, rows) = (arguments.GetRequiredValue(model), arguments.GetRequiredValue(data));
            var trained = SafetensorsFile.Read(file);
            var predictions = Prediction.Of(trained, rows, scaling.For(arguments, trained, file, rows));
            var csv = Csv(predictions);
            var path = arguments.GetValue(output) is { } target ? Path.GetFullPath(target) : null;
            var picture = arguments.GetValue(plot) is { } png ? Path.GetFullPath(png) : null;
            if (path is not null)
                OutputFile.Write(path, [Encoding.UTF8.GetBytes(csv)]);
            if (picture is not null)
                OutputFile.Write(picture, [PredictionPlot.Png(predictions, trained.Facts.Columns.Target)]);

            if (path is null && !arguments.GetValue(json))
                Console.Out.Write(csv);
            else
                Answer.Print(
                    new { windows = predictions.Count, beyondTheEnd = predictions.Count(p => p.Actual is null), @out = path, plot = picture, predictions = path is null ? predictions : null },
                    arguments.GetValue(json),
                    [$"{predictions.Count} predictions, {predictions.Count(p => p.Actual is null)} of them beyond the end of the data: {path}"]);
            return ExitStatus.Done;
        });
        return command;
    }

    private static string Csv(IReadOnlyList<Prediction> predictions) => string.Concat(predictions
        .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Row},{p.Actual},{p.Predicted}{Environment.NewLine}"))
        .Prepend($"row,actual,predicted{Environment.NewLine}"));
}

/// <summary>What a model predicts for one row.</summary>
/// <param name="Row">Row of the data, the first below the header is 1; beyond a series' end the row that would follow.</param>
/// <param name="Actual">In the target's unit, capped; null where the data does not say it.</param>
/// <param name="Predicted">In the target's unit.</param>
internal sealed record Prediction(int Row, double? Actual, double Predicted)
{
    /// <exception cref="DataException">The file cannot be predicted for.</exception>
    public static IReadOnlyList<Prediction> Of(TrainedModel model, string path, ColumnRanges? ranges)
    {
        var table = ParticipantFile.ReadNew(path, model.Facts.Columns);
        var windows = PredictionWindows.From(table, ranges ?? ColumnRanges.Of(table));
        var scaled = new SimdTrainer().Predict(model.Plan, WeightBytes.ToFloats(model.Weights), windows.Inputs, model.Facts.Columns.Window);
        return [.. scaled.Select((value, index) => new Prediction(windows.LabelRows[index] + 1, windows.Actual[index], windows.ToTargetUnit(value)))];
    }
}
