using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace FedQueue.Aggregator.Api;

/// <summary>Who may use the HTTP API and the dashboard; section <c>FedQueue:Api</c>.</summary>
internal sealed class ApiOptions
{
    public const string Section = "FedQueue:Api";

    /// <summary>
    /// The key that writing needs, and reading unless <see cref="PublicRead"/>; at least 16 characters. Default: none, and then the
    /// aggregator listens on this machine only.
    /// </summary>
    [MinLength(16)]
    public string? Key { get; set; }

    /// <summary>Whether everybody may read without the key. Default false.</summary>
    public bool PublicRead { get; set; }

    /// <summary>Address at which people open the dashboard, such as <c>http://localhost:8080</c>; only said in the log. Default: where the aggregator listens.</summary>
    public string? Address { get; set; }
}

[OptionsValidator]
internal sealed partial class ApiOptionsValidator : IValidateOptions<ApiOptions>;

internal sealed class ApiKeyValidator(IConfiguration configuration) : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options) =>
        string.IsNullOrEmpty(options.Key) && ListenAddresses.BeyondLoopback(configuration) is { } address
            ? ValidateOptionsResult.Fail(
                $"{ApiOptions.Section}: the aggregator is to listen on {address}, where others can reach it, so Key must be set (FedQueue__Api__Key, at least 16 characters); "
                + "or let it listen on this machine only, with ASPNETCORE_URLS=http://localhost:8080.")
            : ValidateOptionsResult.Success;
}
