using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace FedQueue.Contracts;

/// <summary>How the connection to the broker stands, said once when it changes and once a minute while it is bad, whatever else fails because of it.</summary>
public sealed partial class BrokerLink(TimeProvider clock, ILogger<BrokerLink> log) : IHealthCheck
{
    private static readonly TimeSpan SaidEvery = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private (string What, long Since, long SaidAt)? trouble;

    /// <summary>What is wrong and since when, as a part of a sentence; null when nothing is.</summary>
    public string? Trouble
    {
        get
        {
            lock (gate)
                return trouble is { } bad ? $"{bad.What}, for {clock.GetElapsedTime(bad.Since).TotalSeconds:0} s now" : null;
        }
    }

    /// <param name="what">What is wrong, such as <c>RabbitMQ does not answer</c>; null: it works.</param>
    public void Stands(string? what)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            if (what is null)
            {
                if (trouble is { } over)
                    Works(log, clock.GetElapsedTime(over.Since).TotalSeconds);
                trouble = null;
            }
            else if (trouble is not { } bad || bad.What != what)
            {
                trouble = (what, trouble?.Since ?? now, now);
                Fails(log, what);
            }
            else if (clock.GetElapsedTime(bad.SaidAt) >= SaidEvery)
            {
                trouble = bad with { SaidAt = now };
                StillFails(log, what, clock.GetElapsedTime(bad.Since).TotalSeconds);
            }
        }
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Trouble is { } bad ? HealthCheckResult.Degraded(bad) : HealthCheckResult.Healthy());

    [LoggerMessage(3010, LogLevel.Warning, "{What}; everything waits for it and goes on where it was, and what is lost meanwhile is sent again")]
    private static partial void Fails(ILogger logger, string what);

    [LoggerMessage(3011, LogLevel.Warning, "{What}, for {Seconds:0} s now")]
    private static partial void StillFails(ILogger logger, string what, double seconds);

    [LoggerMessage(3012, LogLevel.Information, "RabbitMQ works again after {Seconds:0} s")]
    private static partial void Works(ILogger logger, double seconds);
}
