namespace FedQueue.Worker.Training;

/// <summary>Loads libtorch while the worker claims or stands by: a spare that takes over trains at once.</summary>
internal sealed class TrainerWarmUp : IHostedService
{
    private Task loading = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loading = Task.Run(TorchTrainer.WarmUp, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>A process that ends in the midst of loading crashes. Should it have failed, the training says why.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) => await Task.WhenAny(loading);
}
