using System.CommandLine;
using FedQueue.Aggregator.Models;
using FedQueue.Contracts;

namespace FedQueue.Cli.Models;

/// <summary><c>fedqueue model</c>: use what a run has trained.</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "Use a trained model: show it, predict, evaluate, export.")
    {
        Show(),
        PredictCommand.Create(),
        EvaluateCommand.Create(),
        Export(),
    };

    internal static Option<string> Model() => new("--model") { Description = "The safetensors file that a run has written.", Required = true };

    private static Command Show()
    {
        var (model, json) = (Model(), Answer.Json());
        var command = new Command("show", $"Say what a model is: where it comes from, what it predicts from what, how well.{Environment.NewLine}Example: fedqueue model show --model runs/RUN/RUN.safetensors") { model, json };
        command.SetAction(arguments =>
        {
            var path = arguments.GetRequiredValue(model);
            var trained = SafetensorsFile.Read(path);
            Answer.Print(
                new { trained.Facts.Run, trained.Facts.Round, weightsSha256 = trained.Facts.Sha256, trained.Facts.Scaling, trained.Facts.Columns, model = trained.Plan, parameters = trained.Plan.ParameterCount(), trained.Facts.Error },
                arguments.GetValue(json), ModelText.Lines(trained, ScalingOptions.Known(trained.Facts, path)));
            return ExitStatus.Done;
        });
        return command;
    }

    private static Command Export()
    {
        var (model, json) = (Model(), Answer.Json());
        var output = new Option<string>("--out") { Description = "File to write, *.onnx.", Required = true };
        var command = new Command("export", $"Write a model as ONNX.{Environment.NewLine}Example: fedqueue model export --model runs/RUN/RUN.safetensors --out model.onnx") { model, output, json };
        command.SetAction(arguments =>
        {
            var (trained, path) = (SafetensorsFile.Read(arguments.GetRequiredValue(model)), Path.GetFullPath(arguments.GetRequiredValue(output)));
            OutputFile.Write(path, OnnxFile.Pieces(trained));
            Answer.Print(new { onnx = path }, arguments.GetValue(json), [$"ONNX: {path}"]);
            return ExitStatus.Done;
        });
        return command;
    }
}

internal static class OutputFile
{
    /// <exception cref="StartupException">It cannot be written.</exception>
    public static void Write(string path, IEnumerable<ReadOnlyMemory<byte>> content)
    {
        try
        {
            ModelFiles.Replace(path, content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be written ({exception.Message.TrimEnd('.')}); check the folder, permissions and room on the disk.");
        }
    }
}
