using System.CommandLine;
using FedQueue.Aggregator.Models;
using FedQueue.Cli.Simulation;
using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Cli.Models;

/// <summary>
/// By which ranges a file is scaled for a model: those with which it was trained, never the file's own. A row's prediction must not depend on the rows that
/// happen to stand beside it.
/// </summary>
internal sealed class ScalingOptions
{
    private readonly Option<string?> participant = new("--participant")
    {
        Description = "Participant by whose ranges the columns are scaled. Default: the one that the data's file is named after.",
    };

    private readonly Option<string?> scaleFrom = new("--scale-from")
    {
        Description = "File to scale by: the CSV that the participant trained on, or the file of ranges that its worker has kept (RUN.PARTICIPANT.ranges.json).",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(participant);
        command.Options.Add(scaleFrom);
    }

    /// <param name="arguments">What was asked for.</param>
    /// <param name="model">The model.</param>
    /// <param name="modelPath">Its file.</param>
    /// <param name="dataPath">What is to be scaled.</param>
    /// <returns>Null: the model has ranges for everybody.</returns>
    /// <exception cref="DataException">No ranges are known; the message says what to give.</exception>
    /// <exception cref="StartupException">An option does not fit the model.</exception>
    public ColumnRanges? For(ParseResult arguments, TrainedModel model, string modelPath, string dataPath)
    {
        var (facts, name, file) = (model.Facts, arguments.GetValue(participant), arguments.GetValue(scaleFrom));
        if (facts.Columns.SharesAllRanges())
            return name is null && file is null ? null
                : throw new StartupException($"{(file is null ? participant.Name : scaleFrom.Name)} does not go with this model: it was trained with ranges that all share, and they are in its file.");
        if (file is not null && name is not null)
            throw new StartupException($"{participant.Name} and {scaleFrom.Name} cannot go together: each says whose ranges the columns are scaled by.");
        if (file is not null)
            return file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                ? RangesFile.Read(file, facts.Run, facts.Columns)
                : ColumnRanges.Of(ParticipantFile.Read(file, facts.Columns));

        var own = name ?? Path.GetFileNameWithoutExtension(dataPath);
        if (!ParticipantName.IsValid(own))
            throw Unknown(facts, PlainText.Of(own), isGuessed: name is null, modelPath, dataPath);
        var kept = Folders(modelPath, dataPath).Select(folder => Path.Combine(folder, RangesFile.NameOf(facts.Run, own))).FirstOrDefault(File.Exists);
        return kept is not null ? RangesFile.Read(kept, facts.Run, facts.Columns) : throw Unknown(facts, own, isGuessed: name is null, modelPath, dataPath);
    }

    /// <summary>Participants whose ranges lie beside a model, in ordinal order.</summary>
    public static IReadOnlyList<string> Known(ModelFacts facts, string modelPath) =>
        [.. Folders(modelPath, modelPath).Distinct().Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, RangesFile.NameOf(facts.Run, "*")))
            .Select(path => Path.GetFileName(path)[(facts.Run.Length + 1)..^".ranges.json".Length]).Order(StringComparer.Ordinal)];

    private static string[] Folders(string modelPath, string dataPath)
    {
        var (model, data) = (Path.GetDirectoryName(Path.GetFullPath(modelPath))!, Path.GetDirectoryName(Path.GetFullPath(dataPath))!);
        return [Path.Combine(model, RunFolder.RangesName), model, data];
    }

    private static DataException Unknown(ModelFacts facts, string own, bool isGuessed, string modelPath, string dataPath)
    {
        var known = Known(facts, modelPath);
        var why = isGuessed ? $"{dataPath} is not named after one whose ranges are known" : $"the ranges of {own} are not known";
        var who = known.Count == 0 ? "the one that the participant trained on" : $"the one that the participant trained on; or name one of {NameList.Of(known)} with --participant";
        return new($"The model was trained with each participant's own ranges, and {why}: give a CSV file to scale by with --scale-from, {who}.");
    }
}
