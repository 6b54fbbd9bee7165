using FedQueue.Contracts;
using FedQueue.Worker;
using FedQueue.Worker.Training;

if (TorchLibrary.Problem() is { } problem)
{
    Console.Error.WriteLine(problem);
    return 2;
}

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.AddFedQueueConsole();
builder.Services.AddFedQueueBus(builder.Configuration, _ => { });
builder.Services.AddWorker();
await builder.Build().RunAsync();
return 0;
