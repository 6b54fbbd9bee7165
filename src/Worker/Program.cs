using FedQueue.Contracts;
using FedQueue.Worker;
using FedQueue.Worker.Training;

return await Startup.Run(() =>
{
    if (TorchLibrary.Problem() is { } problem)
        throw new StartupException(problem);

    var builder = Host.CreateApplicationBuilder(args);
    builder.Logging.AddFedQueueConsole();
    builder.Services.AddFedQueueBus(builder.Configuration, _ => { });
    builder.Services.AddHostedService<TrainerWarmUp>();
    builder.Services.AddWorker();
    return builder.Build();
});
