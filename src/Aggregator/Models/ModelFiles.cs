namespace FedQueue.Aggregator.Models;

/// <summary>The files of a run's final model.</summary>
internal static class ModelFiles
{
    /// <summary>Writes the safetensors file and, beside it, the ONNX file. Each is replaced at once, so that a reader never sees half of it.</summary>
    public static void Write(string path, TrainedModel model)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Replace(OnnxPathOf(path), OnnxFile.Bytes(model));
        Replace(path, SafetensorsFile.Bytes(model));
    }

    public static string OnnxPathOf(string safetensors) => Path.ChangeExtension(safetensors, ".onnx");

    /// <summary>Returns when the file is on the disk.</summary>
    public static void Replace(string path, byte[] content)
    {
        var unfinished = path + ".part";
        using (var file = File.Create(unfinished))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
