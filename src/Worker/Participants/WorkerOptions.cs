using System.ComponentModel.DataAnnotations;
using FedQueue.Contracts;
using Microsoft.Extensions.Options;

namespace FedQueue.Worker.Participants;

/// <summary>Which data a worker offers to train on; section <c>FedQueue:Worker</c>.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "FedQueue:Worker";

    /// <summary>Folder of CSV files, one a participant; the worker claims whichever is free. Default <c>Data</c>.</summary>
    public string DataDirectory { get; set; } = "Data";

    /// <summary>Only files of these patterns, separated by commas, such as <c>client_*</c>. Default: all.</summary>
    public string? Files { get; set; }

    /// <summary>One CSV file; the worker then claims exactly its participant, and <see cref="DataDirectory"/> is not used.</summary>
    public string? DataFile { get; set; }

    /// <summary>Participants that this process hosts at once, 1 to 1,000. Default 1.</summary>
    [Range(1, 1_000)]
    public int Slots { get; set; } = 1;

    /// <summary>
    /// Whether predictions on held-out windows are sent beside their errors, so that people can look at them. They reveal the
    /// data: the labels themselves go along. Default false.
    /// </summary>
    public bool SharePredictions { get; set; }

    /// <summary>
    /// Whether the smallest and the largest value of each numeric column are told to the aggregator, which runs with federated scaling
    /// need; without them the participant takes no part in those. Default true.
    /// </summary>
    public bool ShareSpans { get; set; } = true;

    /// <summary>
    /// Folder in which the worker keeps a file of the ranges by which each participant's columns are scaled, RUN.PARTICIPANT.ranges.json, for
    /// <c>fedqueue model predict</c>; it stays on this machine. Default: none is kept.
    /// </summary>
    public string? RangesDirectory { get; set; }

    /// <summary>Most parameters of a model that is trained here, 1 to 500 million: training takes several times their 4 bytes. Default 50 million.</summary>
    [Range(1L, 500_000_000L)]
    public long MostParameters { get; set; } = PlanLimits.MostParameters;

    /// <summary>Time after which a spare asks again, 100 milliseconds to 10 minutes. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan SpareInterval { get; set; } = TimeSpan.FromSeconds(5);
}

[OptionsValidator]
internal sealed partial class WorkerOptionsValidator : IValidateOptions<WorkerOptions>;
