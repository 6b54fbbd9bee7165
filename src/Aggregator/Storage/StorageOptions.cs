using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Storage;

/// <summary>Where the aggregator keeps what it knows; section <c>FedQueue:Storage</c>.</summary>
internal sealed class StorageOptions
{
    public const string Section = "FedQueue:Storage";

    /// <summary>Path of the SQLite file; its folder is made when it is missing. Default <c>fedqueue.db</c> in the current folder.</summary>
    [Required]
    public string Database { get; set; } = "fedqueue.db";

    /// <summary>Folder of the finished models. Default: the database's folder.</summary>
    public string? Models { get; set; }

    /// <summary>Full path of a run's model file.</summary>
    public string ModelPath(string runId) =>
        Path.GetFullPath(Path.Combine(Models ?? Path.GetDirectoryName(Path.GetFullPath(Database))!, $"{runId}.safetensors"));
}

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;
