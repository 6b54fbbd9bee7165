using System.CommandLine;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Data;

/// <summary><c>fedqueue data baselines</c>: the errors that a trained model has to beat.</summary>
internal static class BaselinesCommand
{
    public static Command Create()
    {
        var (inputs, json) = (DataCommand.Inputs(), Answer.Json());
        var command = new Command("baselines", $"Show the held-out errors of repeating the last value, of the mean and of a linear model.{Environment.NewLine}Example: fedqueue data baselines Data") { inputs, json };
        ColumnOptions.AddTo(command);
        command.SetAction(arguments => Write(
            arguments.InvocationConfiguration.Output, arguments.GetRequiredValue(inputs).SelectMany(DataCommand.Files), ColumnOptions.Read(arguments), arguments.GetValue(json)));
        return command;
    }

    private static int Write(TextWriter console, IEnumerable<string> files, ColumnPlan columns, bool json)
    {
        var rows = files
            .Select(DataDirectory.Of)
            .Select(source => (source.Participant, Errors: Baselines.Of(ParticipantWindows.From(ParticipantFile.Read(source.Path, columns)))))
            .ToList();

        if (json)
        {
            console.WriteLine(Answer.OneLineOf(new { columns.Target, participants = rows.ToDictionary(row => row.Participant, row => row.Errors) }));
            return ExitStatus.Done;
        }

        console.WriteLine($"RMSE on the held-out windows, in the unit of {columns.Target}; each participant's baselines are its own");
        console.WriteLine($"{"participant",-24} {"windows",8} {"repeat last",12} {"mean",12} {"linear",12}");
        foreach (var (participant, errors) in rows)
            console.WriteLine(Line(participant, errors.RepeatLast, errors.Mean, errors.Linear));
        console.WriteLine(Line(
            "weighted",
            Weighted(rows.Select(row => row.Errors.RepeatLast)),
            Weighted(rows.Select(row => row.Errors.Mean)),
            Weighted(rows.Select(row => row.Errors.Linear))));
        return ExitStatus.Done;
    }

    private static HeldOutError? Weighted(IEnumerable<HeldOutError?> errors) => HeldOutError.Weighted([.. errors.OfType<HeldOutError>()]);

    private static string Line(string name, HeldOutError? last, HeldOutError? mean, HeldOutError? linear) =>
        $"{name,-24} {mean?.WindowCount,8} {Number(last),12} {Number(mean),12} {Number(linear),12}";

    private static string Number(HeldOutError? error) => Figure.Of(error?.RootMeanSquaredError());
}
