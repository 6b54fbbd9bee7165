using FedQueue.Contracts;
using FedQueue.Worker.Data;
using FedQueue.Worker.Training;

namespace FedQueue.Worker.Tests.Training;

/// <summary>The two engines beside each other on the tutorial's job.</summary>
public sealed class EnginesTests
{
    [Fact]
    public void Losses_agree_within_one_percent_in_each_of_the_tutorials_hundred_epochs()
    {
        var columns = new ColumnPlan();
        var windows = ParticipantWindows.From(ParticipantFile.Read(Path.Combine(Repository(), "Data", "task_001.csv"), columns));
        var model = new ModelPlan { Inputs = columns.Features.Count };
        var random = new SeededRandom(1);
        var weights = Enumerable.Range(0, model.ParameterCount()).Select(_ => (float)(random.NextDouble() - 0.5) / 4).ToArray();

        List<double> LossesOf(ITrainer trainer)
        {
            var losses = new List<double>();
            trainer.Train(new TrainingJob(model, new TrainingPlan(), weights, windows, new SeededRandom(1)), (_, loss) => losses.Add(loss), CancellationToken.None);
            return losses;
        }

        var (simd, torch) = (LossesOf(new SimdTrainer()), LossesOf(new TorchTrainer()));

        Assert.Equal((100, 100), (simd.Count, torch.Count));
        for (var epoch = 0; epoch < 100; epoch++)
            Assert.InRange(simd[epoch] / torch[epoch], 0.99, 1.01);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FedQueue.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
