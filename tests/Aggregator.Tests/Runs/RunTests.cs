using System.Buffers.Binary;
using System.Text.Json;
using FedQueue.Aggregator.Runs;
using FedQueue.Aggregator.Storage;
using FedQueue.Contracts;
using Microsoft.EntityFrameworkCore;
using static FedQueue.Aggregator.Tests.Answers;

namespace FedQueue.Aggregator.Tests.Runs;

public sealed class RunTests
{
    [Fact]
    public async Task A_run_waits_for_its_participants_and_starts_with_those_present()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 3));
        await aggregator.Join("a", "b");
        await aggregator.UntilNoted("run created");
        Assert.Equal(RunStatus.Waiting, await aggregator.Read(db => db.Runs.Select(r => r.Status).SingleAsync()));

        // Claimed is not present yet: the worker does not listen, so a round would not reach it.
        await aggregator.Claim("late", "c");
        Assert.Equal(RunStatus.Waiting, await aggregator.Read(db => db.Runs.Select(r => r.Status).SingleAsync()));

        await aggregator.Renew("late", "c");
        var round = await aggregator.UntilOpen(1);
        Assert.Equal(["a", "b", "c"], round.Participants);
        Assert.Equal((3, 3), (round.Goal, round.Minimum));
    }

    [Fact]
    public async Task A_run_that_waits_takes_the_newest_plan_and_one_that_has_started_keeps_its_own()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 5));
        await aggregator.Join("a", "b", "c");
        await aggregator.UntilNoted("run created");

        await aggregator.StartRun(Plan(participants: 5) with { Participants = null, Goal = 3 });
        Assert.Equal(3, (await aggregator.UntilOpen(1)).Goal);

        await aggregator.StartRun(Plan(rounds: 9));
        await aggregator.StartRun(Plan(), "other");
        await aggregator.Until(db => db.Runs.FirstOrDefaultAsync(r => r.Id == "other"), "the command after it is handled");
        Assert.Equal(1, (await aggregator.Read(db => db.Runs.SingleAsync(r => r.Id == "run"))).Plan().Rounds);
    }

    [Fact]
    public async Task A_run_that_waits_for_more_participants_does_not_hold_up_one_that_has_enough()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 5));
        await aggregator.StartRun(Plan(participants: 2), "small");
        await aggregator.Join("a", "b");

        await aggregator.UntilOpen(1, "small");
    }

    [Fact]
    public async Task Runs_are_carried_out_one_after_the_other()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.StartRun(Plan(participants: 1), "second");
        await aggregator.Join("a");

        await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(1), "a", 1));
        await aggregator.Bus.Publish(Evaluation(await aggregator.UntilOpen(2), "a", 1));

        Assert.Equal(RunStatus.Completed, (await aggregator.UntilEnded()).Status);
        await aggregator.UntilOpen(1, "second");
    }

    [Fact]
    public async Task The_summary_gives_every_models_errors_and_the_table_shows_them()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 2));
        await aggregator.Join("a", "b");
        var round = await aggregator.UntilOpen(1);
        await aggregator.Bus.Publish(Weights(round, "a", 1, mse: 16));
        await aggregator.Bus.Publish(Weights(round, "b", 1, mse: 4));
        var last = await aggregator.UntilOpen(2);
        await aggregator.Bus.Publish(Evaluation(last, "a", 9));
        await aggregator.Bus.Publish(Evaluation(last, "b", 1));
        await aggregator.UntilEnded();

        var run = (await aggregator.Read(db => RunSummary.Load(db, "run", CancellationToken.None)))!;

        Assert.Equal(("completed", 2, null), (run.Status, run.Round, run.WaitingFor));
        Assert.Equal([10.0, 5.0], run.Models.Select(model => model.Mse!.Value));
        Assert.Equal([4.0, 2.0], run.Models[0].Participants.Select(p => p.Rmse));
        Assert.Equal(run.WeightsSha256, run.Models[1].WeightsSha256);
        for (var model = 0; model <= 2; model++)
            Assert.Equivalent(
                run with { Models = [.. run.Models.Where(m => m.Round == model)] },
                await aggregator.Read(db => RunSummary.Load(db, "run", model, CancellationToken.None)), strict: true);
        var lines = RunReport.Lines(run).ToList();
        Assert.Equal(["0", "10.0000", "3.0000", "3.1623", "4.0000", "2.0000"], lines[2].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["1", "5.0000", "2.0000", "2.2361", "3.0000", "1.0000"], lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith(run.WeightsSha256!, lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_model_file_is_safetensors_with_PyTorchs_names_and_the_exact_weights()
    {
        await using var aggregator = await AggregatorHost.Start();
        await aggregator.StartRun(Plan(participants: 1));
        await aggregator.Join("a");
        await aggregator.Bus.Publish(Weights(await aggregator.UntilOpen(1), "a", 0.5f));
        await aggregator.Bus.Publish(Evaluation(await aggregator.UntilOpen(2), "a", 1));
        await aggregator.UntilEnded();

        var bytes = await File.ReadAllBytesAsync(Path.Combine(aggregator.Folder, "run.safetensors"));
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        var data = bytes[(8 + headerLength)..];

        var tensors = header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__").ToList();
        Assert.Equal(Plan().Model().Tensors().Select(tensor => tensor.Name), tensors.Select(tensor => tensor.Name));
        Assert.Equal(data.Length, tensors[^1].Value.GetProperty("data_offsets")[1].GetInt32());
        Assert.Equal([4, 1], tensors[0].Value.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()));
        Assert.Equal(Enumerable.Repeat(0.5f, ParameterCount), WeightBytes.ToFloats(data));
        Assert.Equal(WeightBytes.Sha256(data), header.RootElement.GetProperty("__metadata__").GetProperty("fedqueue.sha256").GetString());
    }
}
