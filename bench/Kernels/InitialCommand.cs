using System.CommandLine;
using System.Diagnostics;
using FedQueue.Contracts;

namespace FedQueue.Bench.Kernels;

/// <summary><c>initial</c>: the weights before the first round, which every run begins with and every check of one draws again.</summary>
internal static class InitialCommand
{
    private const int Turns = 3;

    private static readonly int[] Units = [32, 256, 512, 1_580, 4_096];

    public static Command Create()
    {
        var command = new Command("initial", "Drawing initial weights, all cores.");
        command.SetAction(_ =>
        {
            Console.WriteLine("| units | parameters | ms |");
            Console.WriteLine("|---|---|---|");
            foreach (var model in Units.Select(units => new ModelPlan { Inputs = 8, Units = units }))
                Console.WriteLine($"| {model.Units:N0} | {model.ParameterCount():N0} | {Enumerable.Range(0, Turns).Min(_ => Milliseconds(model)):N0} |");
        });
        return command;
    }

    private static double Milliseconds(ModelPlan model)
    {
        var started = Stopwatch.GetTimestamp();
        InitialWeights.Create(model, seed: 1);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
