using FedQueue.Aggregator;
using FedQueue.Aggregator.Runs;
using FedQueue.Contracts;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

return await Startup.Run(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.Logging.AddFedQueueConsole();
    builder.Services.AddFedQueueTelemetry(builder.Configuration, "fedqueue-aggregator");
    builder.Services.AddProblemDetails();
    builder.Services.AddFedQueueBus(builder.Configuration, bus => bus.AddRounds());
    builder.Services.AddAggregator();

    var app = builder.Build();
    app.UseExceptionHandler();
    app.UseStatusCodePages();

    // Live: the process answers. Ready: broker and database do too.
    app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
    app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
    app.MapRuns();
    return app;
}, AggregatorRegistration.PrepareStorage);
