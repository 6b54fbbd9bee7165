using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace FedQueue.Bench.DefaultJob;

/// <summary>Nothing but optimiser steps: TorchSharp's own LSTM, linear layer, loss and Adam on one batch in memory.</summary>
internal static class BareLoop
{
    /// <summary>Time of <paramref name="steps"/> steps of batch 32, window 10, 8 inputs, 32 units, spread over the cores, one intra-op thread each.</summary>
    public static TimeSpan Run(int steps, int cores)
    {
        var started = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, cores)
            .Select(core => new Thread(() => Steps(steps / cores + (core < steps % cores ? 1 : 0))))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return Stopwatch.GetElapsedTime(started);
    }

    private static void Steps(int steps)
    {
        set_num_threads(1);
        using var everything = NewDisposeScope();
        using var lstm = nn.LSTM(8, 32, batchFirst: true);
        using var linear = nn.Linear(32, 1);
        using var adam = optim.Adam([.. lstm.parameters(), .. linear.parameters()], 0.001, 0.9, 0.999, 1e-7);
        var (inputs, labels) = (rand(32, 10, 8), rand(32, 1));

        for (var i = 0; i < steps; i++)
        {
            using var step = NewDisposeScope();
            adam.zero_grad();
            var (_, hidden, _) = lstm.forward(inputs);
            nn.functional.mse_loss(linear.forward(hidden.squeeze(0)), labels).backward();
            adam.step();
        }
    }
}
