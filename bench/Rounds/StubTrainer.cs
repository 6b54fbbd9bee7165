using FedQueue.Contracts;
using FedQueue.Worker.Training;

namespace FedQueue.Bench.Rounds;

/// <summary>
/// Answers at once with weights that differ a little from the global ones. In the first round it holds everybody back until
/// <see cref="Begin"/>, so that a measurement can begin while nothing is under way.
/// </summary>
internal sealed class StubTrainer(int participants) : ITrainer, IDisposable
{
    private readonly TaskCompletionSource everybody = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim begun = new();
    private int trainings;

    /// <summary>All participants have been told the first round.</summary>
    public Task Everybody => everybody.Task;

    public void Begin() => begun.Set();

    public TrainingResult Train(TrainingJob job, Action<int, double> epochDone, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref trainings) == participants)
            everybody.SetResult();
        begun.Wait(cancellationToken);

        var weights = job.Weights.ToArray();
        weights[0] += 0.001f;
        epochDone(1, 0);
        return new TrainingResult(weights, Loss: 0);
    }

    public float[] Predict(ModelPlan model, ReadOnlySpan<float> weights, float[] inputs, int window) =>
        new float[inputs.Length / window / model.Inputs];

    public void Dispose() => begun.Dispose();
}
