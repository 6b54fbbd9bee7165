using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FedQueue.Aggregator.Storage;

/// <summary>Ready only while the database answers; MassTransit adds the same for the broker.</summary>
internal sealed class DatabaseHealth(FedQueueDbContext db) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        await db.Database.CanConnectAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"{db.Place} does not answer.");
}
