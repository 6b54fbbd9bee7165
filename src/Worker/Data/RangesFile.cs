using System.Text.Json;
using FedQueue.Contracts;

namespace FedQueue.Worker.Data;

/// <summary>
/// The ranges by which one participant's columns were scaled in a run, which stay with their owner: a model of that run needs them to predict from new rows.
/// </summary>
internal sealed record RangesFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectNullableAnnotations = true };

    /// <summary>The run that trained with them.</summary>
    public required string Run { get; init; }

    /// <summary>Whose rows they are of.</summary>
    public required string Participant { get; init; }

    /// <summary>Ranges of the features over the training rows, in the order of the plan.</summary>
    public required IReadOnlyList<ColumnRange> Features { get; init; }

    /// <summary>Range of the training rows' labels, after the cap.</summary>
    public required ColumnRange Target { get; init; }

    /// <summary>The file's name in any folder.</summary>
    public static string NameOf(string run, string participant) => $"{run}.{participant}.ranges.json";

    /// <summary>Writes the file at once, so that a reader never sees half of it.</summary>
    /// <param name="folder">Made when it is missing.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, NameOf(Run, Participant));
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(path + ".part", JsonSerializer.SerializeToUtf8Bytes(this, Format));
        File.Move(path + ".part", path, overwrite: true);
    }

    /// <summary>Reads the ranges for a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="run">The run that trained the model.</param>
    /// <param name="columns">What the model predicts from what.</param>
    /// <exception cref="DataException">It cannot be read, or is of another run or other columns.</exception>
    public static ColumnRanges Read(string path, string run, ColumnPlan columns)
    {
        RangesFile? file;
        try
        {
            ParticipantFile.RefuseOther(path);
            file = JsonSerializer.Deserialize<RangesFile>(File.ReadAllBytes(path), Format);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read as a file of ranges ({exception.Message.TrimEnd('.')}); put it back as it was written.");
        }

        if (file?.Run != run)
            throw new DataException($"{path} has the ranges of run {file?.Run}, and the model is of run {run}; give those of the same run.");
        return file.Target.Name == columns.Target && file.Features.Select(range => range.Name).SequenceEqual(columns.Features)
            ? new(file.Features, file.Target)
            : throw new DataException($"{path} has ranges of {NameList.Of(file.Features.Select(range => range.Name))}, and the model predicts from {NameList.Of(columns.Features)}.");
    }
}
