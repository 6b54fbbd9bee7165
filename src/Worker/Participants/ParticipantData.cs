using FedQueue.Contracts;
using FedQueue.Worker.Data;

namespace FedQueue.Worker.Participants;

/// <summary>A participant's file as plans see it. What was read to look at a plan serves its run too, unless the file has changed since.</summary>
internal sealed class ParticipantData(string participant, string path, WorkerOptions options, ILogger log)
{
    private readonly Lock gate = new();
    private (string Key, FileStamp Stamp, ParticipantTable Table)? looked;
    private (string RunId, ParticipantWindows Windows)? inUse;

    /// <summary>Identity of the file's content, as far as the file system tells.</summary>
    public FileStamp Stamp() => FileStamp.Of(path);

    /// <summary>Looks whether the data can be trained on.</summary>
    public PlanChecked Check(PlanOffered plan)
    {
        lock (gate)
        {
            try
            {
                var stamp = Stamp();
                var table = ParticipantFile.Read(path, plan.Columns);
                if (ParticipantWindows.Problem(table) is { } problem)
                    throw new DataException(problem);
                looked = (plan.Key(), stamp, table);
                return new() { RunId = plan.RunId, Key = plan.Key(), Spans = plan.NeedsSpans && options.ShareSpans ? SpansOf(table) : null };
            }
            catch (DataException exception)
            {
                return new() { RunId = plan.RunId, Key = plan.Key(), Problem = MessageCheck.Reason(exception.Message) };
            }
        }
    }

    /// <summary>The windows of a run, the same for all of its rounds.</summary>
    /// <exception cref="DataException">The file cannot be read, or not be trained on.</exception>
    public ParticipantWindows Windows(RoundStarted round)
    {
        lock (gate)
        {
            if (inUse?.RunId == round.RunId)
                return inUse.Value.Windows;

            var key = new PlanOffered { RunId = round.RunId, Columns = round.Columns with { Spans = null }, NeedsSpans = round.Columns.Spans is not null }.Key();
            var table = looked is { } known && known.Key == key && known.Stamp == Stamp() ? known.Table.With(round.Columns) : ParticipantFile.Read(path, round.Columns);
            var ranges = ColumnRanges.Of(table);
            var windows = ParticipantWindows.From(table, ranges);
            (inUse, looked) = ((round.RunId, windows), null);
            KeepRanges(round, ranges);
            log.DataRead(participant, table.Rows, windows.TrainingCount, windows.HeldOutCount);
            foreach (var note in table.Notes)
                log.DataNoted(participant, note);
            return windows;
        }
    }

    /// <summary>Of the plan's columns over the training rows. The cap counts for labels alone, and the aggregator knows it.</summary>
    private static List<ColumnSpan> SpansOf(ParticipantTable table)
    {
        var rows = table.TrainingRows;
        var ranges = table.Columns.Features.Select((_, feature) => table.FeatureRange(feature, rows)).ToList();
        if (!table.Columns.Features.Contains(table.Columns.Target))
            ranges.Add(table.TargetRange(rows));
        return [.. ranges.Select(range => new ColumnSpan { Column = range.Name, Count = rows, Minimum = range.Minimum, Maximum = range.Maximum })];
    }

    /// <summary>Whoever predicts with the model later must scale as it was trained; where all share their ranges, they travel with the model.</summary>
    private void KeepRanges(RoundStarted round, ColumnRanges ranges)
    {
        if (options.RangesDirectory is not { Length: > 0 } folder || round.Columns.SharesAllRanges())
            return;
        try
        {
            new RangesFile { Run = round.RunId, Participant = participant, Features = ranges.Features, Target = ranges.Target }.Write(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.RangesNotKept(exception, participant, folder);
        }
    }
}

/// <summary>Length and time of a file; a file that is not there has length -1.</summary>
internal readonly record struct FileStamp(long Length, DateTime ChangedAt)
{
    public static FileStamp Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new(file.Length, file.LastWriteTimeUtc) : new(-1, default);
    }
}
