using FedQueue.Contracts;
using FedQueue.Worker.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedQueue.Worker.Tests.Training;

/// <summary>Alone, because a collector that never rests stops every test that runs beside it.</summary>
[Collection("a busy collector")]
[CollectionDefinition("a busy collector", DisableParallelization = true)]
public sealed class TorchAdamTests
{
    [Fact]
    public void It_has_the_bits_of_TorchSharps_own()
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Random(), Random());
        using var adam = new TorchAdam([ours], 0.01, TrainingPlan.Beta1, TrainingPlan.Beta2, TrainingPlan.Epsilon);
        using var own = optim.Adam([theirs], 0.01, TrainingPlan.Beta1, TrainingPlan.Beta2, TrainingPlan.Epsilon);

        for (var step = 0; step < 50; step++)
        {
            ours.grad?.zero_();
            own.zero_grad();
            (ours * ours * ours).sum().backward();
            (theirs * theirs * theirs).sum().backward();
            adam.Step();
            own.step();
        }

        Assert.Equal(theirs.data<float>().ToArray(), ours.data<float>().ToArray());
        Assert.NotEqual(Random().data<float>().ToArray(), ours.data<float>().ToArray());
    }

    [Fact]
    public void A_parameter_without_a_gradient_is_said()
    {
        using var scope = NewDisposeScope();
        using var adam = new TorchAdam([Random()], 0.01, TrainingPlan.Beta1, TrainingPlan.Beta2, TrainingPlan.Epsilon);

        Assert.Throws<InvalidOperationException>(adam.Step);
    }

    [Fact]
    public async Task The_finaliser_never_frees_what_libtorch_reads()
    {
        using var scope = NewDisposeScope();
        var parameter = Random();
        using var adam = new TorchAdam([parameter], 0.01, TrainingPlan.Beta1, TrainingPlan.Beta2, TrainingPlan.Epsilon);
        (parameter * parameter).sum().backward();
        using var ended = new CancellationTokenSource();
        var collecting = Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });

        try
        {
            // How often the collector comes in between differs a hundredfold; TorchSharp's own Adam, where it failed, did so after 1,600 and 6,300 collections.
            var before = GC.CollectionCount(0);
            for (var step = 0; step < 20_000 && GC.CollectionCount(0) - before < 10_000; step++)
                adam.Step();
        }
        finally
        {
            await ended.CancelAsync();
            await collecting;
        }
    }

    private static Parameter Random()
    {
        var random = new SeededRandom(1);
        return new Parameter(tensor(Enumerable.Range(0, 1000).Select(_ => (float)random.NextDouble() - 0.5f).ToArray()));
    }
}
