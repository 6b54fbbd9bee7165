using System.CommandLine;
using FedQueue.Aggregator.Models;
using FedQueue.Cli.Data;
using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Cli.Models;

/// <summary><c>fedqueue model evaluate</c>.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var (model, json) = (ModelCommand.Model(), Answer.Json());
        var data = new Option<string[]>("--data") { Description = "CSV files, or folders of them.", Required = true, AllowMultipleArgumentsPerToken = true };
        var command = new Command("evaluate",
            $"Compute a model's errors on the held-out windows of files, beside repeating the last value and the mean of the training rows.{Environment.NewLine}Example: fedqueue model evaluate --model runs/RUN/RUN.safetensors --data Data")
        {
            model, data, json,
        };
        var scaling = new ScalingOptions();
        scaling.AddTo(command);
        command.SetAction(arguments =>
        {
            var file = arguments.GetRequiredValue(model);
            var trained = SafetensorsFile.Read(file);
            var evaluations = arguments.GetRequiredValue(data).SelectMany(DataCommand.Files)
                .Select(path => Evaluation.Of(trained, path, scaling.For(arguments, trained, file, path))).ToList();
            Answer.Print(new { trained.Facts.Columns.Target, participants = evaluations }, arguments.GetValue(json), Lines(evaluations, trained.Facts.Columns.Target));
            return ExitStatus.Done;
        });
        return command;
    }

    private static IEnumerable<string> Lines(List<Evaluation> evaluations, string target)
    {
        var width = Math.Max("participant".Length, evaluations.Max(e => e.Participant.Length));
        yield return $"errors on the held-out windows, in the unit of {target}";
        yield return $"{"participant".PadRight(width)} {"windows",8} {"MAE",12} {"RMSE",12} {"repeat last",12} {"mean",12}";
        foreach (var evaluation in evaluations)
            yield return Line(evaluation.Participant, evaluation.Model, evaluation.RepeatLast, evaluation.Mean);
        if (evaluations.Count > 1)
            yield return Line("weighted", Weighted(e => e.Model), Weighted(e => e.RepeatLast), Weighted(e => e.Mean));

        string Line(string name, HeldOutError? model, HeldOutError? last, HeldOutError? mean) =>
            $"{name.PadRight(width)} {model?.WindowCount,8} {Figure.Of(model?.MeanAbsoluteError),12} {Figure.Of(model?.RootMeanSquaredError()),12} {Figure.Of(last?.RootMeanSquaredError()),12} {Figure.Of(mean?.RootMeanSquaredError()),12}";

        HeldOutError? Weighted(Func<Evaluation, HeldOutError?> errors) => HeldOutError.Weighted([.. evaluations.Select(errors).OfType<HeldOutError>()]);
    }
}

/// <summary>A model's errors on one participant's held-out windows, and those of forecasts without a model.</summary>
internal sealed record Evaluation(string Participant, HeldOutError Model, HeldOutError? RepeatLast, HeldOutError Mean)
{
    /// <exception cref="DataException">The file cannot be evaluated on.</exception>
    public static Evaluation Of(TrainedModel model, string path, ColumnRanges? ranges)
    {
        var windows = ParticipantWindows.From(ParticipantFile.Read(path, model.Facts.Columns), ranges);
        var predictions = new SimdTrainer().Predict(model.Plan, WeightBytes.ToFloats(model.Weights), windows.HeldOutInputs, windows.Window);
        var baselines = Baselines.Of(windows);
        return new(Path.GetFileNameWithoutExtension(path), windows.ErrorOf(predictions), baselines.RepeatLast, baselines.Mean);
    }
}
