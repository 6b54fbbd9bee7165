using FedQueue.Contracts;
using FedQueue.Worker;

return await Startup.Run(() =>
{
    var builder = Host.CreateApplicationBuilder(args);
    builder.Logging.AddFedQueueConsole();
    builder.Services.AddFedQueueTelemetry(builder.Configuration, "fedqueue-worker");
    builder.Services.AddFedQueueBus(builder.Configuration, _ => { });
    builder.Services.AddWorker();
    return builder.Build();
});
