namespace FedQueue.Aggregator.Models;

/// <summary>The files of a run's final model.</summary>
internal static class ModelFiles
{
    /// <summary>Writes the safetensors file and, beside it, the ONNX file. Each is replaced at once, so that a reader never sees half of it.</summary>
    public static void Write(string path, TrainedModel model)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Replace(OnnxPathOf(path), OnnxFile.Pieces(model));
        Replace(path, SafetensorsFile.Pieces(model));
    }

    public static string OnnxPathOf(string safetensors) => Path.ChangeExtension(safetensors, ".onnx");

    public static byte[] Joined(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var whole = new byte[pieces.Sum(piece => piece.Length)];
        var offset = 0;
        foreach (var piece in pieces)
        {
            piece.CopyTo(whole.AsMemory(offset));
            offset += piece.Length;
        }

        return whole;
    }

    /// <summary>Returns when the file is on the disk.</summary>
    public static void Replace(string path, IEnumerable<ReadOnlyMemory<byte>> content)
    {
        var unfinished = path + ".part";
        using (var file = File.Create(unfinished))
        {
            foreach (var piece in content)
                file.Write(piece.Span);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
