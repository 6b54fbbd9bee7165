using FedQueue.Contracts;
using FedQueue.Worker.Participants;
using FedQueue.Worker.Training;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FedQueue.Worker;

/// <summary>The one registration, for the service and for one-process mode.</summary>
public static class WorkerRegistration
{
    /// <summary>Registers data, training and the participants' sessions. Call it after the bus is added: it must outlive them.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<WorkerOptions, WorkerOptionsValidator>()
            .BindConfiguration(WorkerOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true);

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ParticipantSources>();
        services.AddTrainers();
        services.AddMetrics().AddSingleton<TrainingMetrics>();
        services.AddHostedService<ParticipantHost>();
        return services;
    }

    /// <summary>Registers the engines alone, for programs that train without a queue.</summary>
    internal static IServiceCollection AddTrainers(this IServiceCollection services) => services
        .AddKeyedSingleton<ITrainer, SimdTrainer>(Engine.Simd)
        .AddKeyedSingleton<ITrainer, TorchTrainer>(Engine.Torch)
        .AddSingleton<Trainers>();
}
