using System.Security.Cryptography;
using FedQueue.Contracts;

namespace FedQueue.Aggregator.Storage;

/// <summary>Global weights after a round; round 0 holds the initial ones.</summary>
internal sealed class ModelRow
{
    public required string RunId { get; init; }
    public required int Round { get; init; }

    /// <summary>Empty when they are <see cref="ModelPartRow"/>s.</summary>
    public required byte[] Weights { get; init; }

    public required string WeightsSha256 { get; init; }

    /// <summary>Bytes of each <see cref="ModelPartRow"/> but the last; 0 when <see cref="Weights"/> has them all.</summary>
    public int PartLength { get; init; }

    /// <summary>Bytes of all <see cref="ModelPartRow"/>s together; 0 when <see cref="Weights"/> has them all.</summary>
    public int PartsLength { get; init; }

    /// <summary>Bytes of the weights.</summary>
    public int Length => PartLength == 0 ? Weights.Length : PartsLength;

    /// <summary>Adds global weights, within a transaction: whole ones in their row, others part by part as they come, so that they are never in memory together.</summary>
    /// <param name="db">Where to.</param>
    /// <param name="runId">Of their run.</param>
    /// <param name="round">Round that produced them; 0: initial.</param>
    /// <param name="length">Bytes of all parts together.</param>
    /// <param name="parts">Little-endian float32, all of one length but the last; each is used before the next is asked for.</param>
    /// <param name="cancellationToken">Stops adding.</param>
    public static async Task<ModelRow> Add(
        FedQueueDbContext db, string runId, int round, int length, IAsyncEnumerable<ReadOnlyMemory<byte>> parts, CancellationToken cancellationToken)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (partLength, count) = (0, 0);
        await foreach (var part in parts.WithCancellation(cancellationToken))
        {
            if (part.Length == length)
                return db.Models.Add(For(runId, round, part.ToArray())).Entity;

            if (++count == 1)
                partLength = part.Length;
            await db.AddPart(ModelPartRow.Key(runId, round, count), part, () => sha256.AppendData(part.Span), cancellationToken);
        }

        return db.Models.Add(new ModelRow
        {
            RunId = runId,
            Round = round,
            Weights = [],
            WeightsSha256 = Convert.ToHexStringLower(sha256.GetHashAndReset()),
            PartLength = partLength,
            PartsLength = length,
        }).Entity;
    }

    /// <summary>Adds the weights that a run begins with, as round 0, within a transaction: whole ones in their row, others in parts of the given length.</summary>
    public static Task<ModelRow> AddInitial(FedQueueDbContext db, string runId, ModelPlan model, ulong seed, int partLength, CancellationToken cancellationToken)
    {
        var length = model.ParameterCount() * sizeof(float);
        return Add(db, runId, 0, length, Parts(InitialWeights.Rows(model, seed), Math.Min(partLength, length)).ToAsyncEnumerable(), cancellationToken);
    }

    /// <summary>The weights that a run begins with, in parts, outside of a transaction.</summary>
    /// <returns>Each to be disposed.</returns>
    public static IReadOnlyList<PooledBytes> InitialParts(ModelPlan model, ulong seed, int partLength, CancellationToken cancellationToken)
    {
        List<PooledBytes> parts = [];
        foreach (var part in Parts(InitialWeights.Rows(model, seed), Math.Min(partLength, model.ParameterCount() * sizeof(float))))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var copy = new PooledBytes(part.Length);
            part.CopyTo(copy.Memory);
            parts.Add(copy);
        }

        return parts;
    }

    /// <summary>Weights that are small enough for one message.</summary>
    public static ModelRow For(string runId, int round, byte[] weights) =>
        new() { RunId = runId, Round = round, Weights = weights, WeightsSha256 = WeightBytes.Sha256(weights) };

    /// <returns>SHA-256 of the weights as they are stored; null when a part is missing.</returns>
    public static async Task<string?> Sha256Of(FedQueueDbContext db, ModelRow model, CancellationToken cancellationToken)
    {
        if (model.PartLength == 0)
            return WeightBytes.Sha256(model.Weights);
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var bytes = new PooledBytes(model.PartLength);
        for (var start = 0; start < model.Length; start += model.PartLength)
        {
            var part = bytes.Memory[..Math.Min(model.PartLength, model.Length - start)];
            if (!await Read(db, model, start, part, cancellationToken))
                return null;
            sha256.AppendData(part.Span);
        }

        return Convert.ToHexStringLower(sha256.GetHashAndReset());
    }

    /// <returns>All of them; null when a part is missing.</returns>
    public static async Task<byte[]?> Read(FedQueueDbContext db, ModelRow model, CancellationToken cancellationToken)
    {
        if (model.PartLength == 0)
            return model.Weights;
        var weights = GC.AllocateUninitializedArray<byte>(model.Length);
        return await Read(db, model, 0, weights, cancellationToken) ? weights : null;
    }

    /// <summary>A stretch of the weights as they are stored, whatever the length of the parts.</summary>
    /// <returns>False when a part is missing.</returns>
    public static async Task<bool> Read(FedQueueDbContext db, ModelRow model, int start, Memory<byte> into, CancellationToken cancellationToken)
    {
        if (model.PartLength == 0)
        {
            model.Weights.AsMemory(start, into.Length).CopyTo(into);
            return true;
        }

        for (var done = 0; done < into.Length;)
        {
            var (number, offset) = Math.DivRem(start + done, model.PartLength);
            using var part = await db.Part(ModelPartRow.Key(model.RunId, model.Round, number + 1), cancellationToken);
            if (part is null || part.Memory.Length != WeightParts.LengthOf(model.Length, number + 1, model.PartLength))
                return false;
            var some = part.Memory.Slice(offset, Math.Min(part.Memory.Length - offset, into.Length - done));
            some.CopyTo(into[done..]);
            done += some.Length;
        }

        return true;
    }

    /// <summary>Rows of any lengths in parts of one length, all in the same bytes.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Parts(IEnumerable<ReadOnlyMemory<float>> rows, int partLength)
    {
        using var part = new PooledBytes(partLength);
        var filled = 0;
        foreach (var row in rows)
            for (var (rest, count) = (row, 0); rest.Length > 0; rest = rest[count..])
            {
                count = Math.Min(rest.Length, (partLength - filled) / sizeof(float));
                WeightBytes.Write(rest.Span[..count], part.Memory.Span[filled..]);
                filled += count * sizeof(float);
                if (filled == partLength)
                {
                    yield return part.Memory;
                    filled = 0;
                }
            }

        if (filled > 0)
            yield return part.Memory[..filled];
    }
}
