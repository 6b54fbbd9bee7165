using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using FedQueue.Aggregator.Storage;

namespace FedQueue.Aggregator.Runs;

/// <summary>Writes global weights as safetensors (8-byte length, JSON header, float32 data), which PyTorch and others load.</summary>
internal static class ModelFile
{
    /// <summary>Replaces the file at once, so that a reader never sees half of it. Equal models give equal bytes.</summary>
    public static void Write(string path, RunRow run, ModelRow model)
    {
        var header = Header(run, model);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        var unfinished = path + ".part";
        using (var file = File.Create(unfinished))
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            file.Write(model.Weights);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>The bytes of the file.</summary>
    public static byte[] Bytes(RunRow run, ModelRow model)
    {
        var header = Header(run, model);
        var bytes = new byte[sizeof(ulong) + header.Length + model.Weights.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        header.CopyTo(bytes, sizeof(ulong));
        model.Weights.CopyTo(bytes, sizeof(ulong) + header.Length);
        return bytes;
    }

    private static byte[] Header(RunRow run, ModelRow model)
    {
        var plan = run.Plan();
        var header = new Dictionary<string, object>
        {
            ["__metadata__"] = new Dictionary<string, string>
            {
                ["format"] = "pt",
                ["fedqueue.run"] = run.Id,
                ["fedqueue.round"] = model.Round.ToString(CultureInfo.InvariantCulture),
                ["fedqueue.sha256"] = model.WeightsSha256,
                ["fedqueue.columns"] = JsonSerializer.Serialize(plan.Columns),
            },
        };

        var offset = 0;
        foreach (var tensor in plan.Model().Tensors())
        {
            var end = offset + tensor.Length * sizeof(float);
            header[tensor.Name] = new { dtype = "F32", shape = tensor.Shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        return JsonSerializer.SerializeToUtf8Bytes(header);
    }
}
