using FedQueue.Contracts;

namespace FedQueue.Worker.Training;

/// <summary>The trainer of each engine; libtorch is loaded when it is asked for the first time.</summary>
internal sealed class Trainers(IServiceProvider services)
{
    /// <param name="asked">What the plan names, one of <see cref="Engine"/>.</param>
    /// <exception cref="TrainingException">This worker does not have the engine, or the system cannot load it.</exception>
    public ITrainer For(string asked) =>
        services.GetKeyedService<ITrainer>(Engine.Choose(asked).Engine)
        ?? throw new TrainingException($"This worker has no engine '{asked}' but {string.Join(", ", Engine.All)}; update the worker.");
}
