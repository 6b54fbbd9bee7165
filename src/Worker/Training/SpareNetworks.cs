using FedQueue.Contracts;

namespace FedQueue.Worker.Training;

/// <summary>
/// Networks that nobody works with, for whoever wants one of the same shape next. Memory that kernels can have a pointer to is
/// never collected in passing: a new network for every participant in each round had the collector look through the whole process once a round.
/// </summary>
internal sealed class SpareNetworks
{
    /// <summary>Bytes; what fifty participants need of the tutorial's shape. A larger network is made anew, which takes little beside its training.</summary>
    private const long Most = 64L << 20;

    private readonly List<LstmNetwork> spares = [];

    /// <returns>A network; its weights and Adam's steps are whatever they were.</returns>
    /// <inheritdoc cref="LstmNetwork(ModelPlan, int, int)"/>
    public LstmNetwork Take(ModelPlan model, int window, int batch)
    {
        lock (spares)
        {
            if (spares.FindLast(spare => spare.Has(model, window, batch)) is { } found)
            {
                spares.Remove(found);
                return found;
            }
        }

        return new LstmNetwork(model, window, batch);
    }

    /// <summary>
    /// Keeps a network that has predicted, or was trained to the end of a step and has finite weights: only then are its gradients and
    /// its padding 0, as those of a new one.
    /// </summary>
    public void Keep(LstmNetwork network)
    {
        if (network.Bytes > Most)
            return;
        lock (spares)
        {
            spares.Add(network);
            while (spares.Sum(spare => spare.Bytes) > Most)
                spares.RemoveAt(0);
        }
    }
}
