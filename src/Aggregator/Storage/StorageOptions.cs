using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Storage;

internal enum StorageProvider
{
    Sqlite,
    Postgres,
}

/// <summary>Where the aggregator keeps what it knows; section <c>FedQueue:Storage</c>.</summary>
internal sealed class StorageOptions
{
    public const string Section = "FedQueue:Storage";

    /// <summary><c>Sqlite</c> (one aggregator, one file) or <c>Postgres</c> (any number of aggregators share it). Default <c>Sqlite</c>.</summary>
    public StorageProvider Provider { get; set; }

    /// <summary>Path of the SQLite file; its folder is made when it is missing. Default <c>fedqueue.db</c> in the current folder.</summary>
    [Required]
    public string Database { get; set; } = "fedqueue.db";

    /// <summary>Npgsql's connection string, such as <c>Host=db;Username=fedqueue;Password=…;Database=fedqueue</c>; needed for <c>Postgres</c>.</summary>
    public string? Connection { get; set; }

    /// <summary>Folder of the finished models. Default: the folder of <see cref="Database"/>.</summary>
    public string? Models { get; set; }

    /// <summary>
    /// Newest rounds of each run whose submitted weights are kept, 1 to 100,000; of older ones only hash, samples and errors
    /// stay, and <c>run verify</c> says that it can no longer recompute them. Default: all are kept.
    /// </summary>
    [Range(1, 100_000)]
    public int? KeepRounds { get; set; }

    /// <summary>
    /// KiB of a page of a new SQLite file: 4, 8, 16, 32 or 64; a file that is there keeps its own. Default: 64 where the weights of the run that the
    /// service starts by itself are larger than a message, otherwise 16.
    /// </summary>
    public int? PageKibibytes { get; set; }

    /// <summary>Full path of a run's model file.</summary>
    public string ModelPath(string runId) =>
        Path.GetFullPath(Path.Combine(Models ?? Path.GetDirectoryName(Path.GetFullPath(Database))!, $"{runId}.safetensors"));
}

[OptionsValidator]
internal sealed partial class StorageOptionsValidator : IValidateOptions<StorageOptions>;

/// <summary>What an attribute cannot say, or not in a sentence for people.</summary>
internal sealed class StorageSettingsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (options.Provider is StorageProvider.Postgres && string.IsNullOrWhiteSpace(options.Connection))
            return ValidateOptionsResult.Fail($"{StorageOptions.Section}: Provider is Postgres, so Connection must be set, such as 'Host=db;Username=fedqueue;Password=…;Database=fedqueue'.");
        return options.PageKibibytes is null or 4 or 8 or 16 or 32 or 64
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{StorageOptions.Section}: PageKibibytes is {options.PageKibibytes}; set 4, 8, 16, 32 or 64.");
    }
}
