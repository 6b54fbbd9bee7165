using FedQueue.Aggregator;
using FedQueue.Aggregator.Api;
using FedQueue.Aggregator.Dashboard;
using FedQueue.Contracts;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

return await Startup.Run(() =>
{
    // The dashboard's files lie beside the program, wherever it is started from.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot") });
    builder.Logging.AddFedQueueConsole();
    builder.Services.AddFedQueueTelemetry(builder.Configuration, "fedqueue-aggregator");
    builder.Services.AddWebApi();
    builder.AddDashboard();
    builder.Services.AddFedQueueBus(builder.Configuration, bus => bus.AddRounds());
    builder.Services.AddAggregator();

    var app = builder.Build();
    app.UseWebApi();
    app.UseDashboard();

    // Live: the process answers. Ready: broker and database do too.
    app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
    app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
    return app;
}, AggregatorRegistration.PrepareStorage);
