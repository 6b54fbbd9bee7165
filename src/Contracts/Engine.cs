namespace FedQueue.Contracts;

/// <summary>Names of the implementations that train and predict. Their results differ in the last bits, so the workers of a run all use one.</summary>
public static class Engine
{
    /// <summary>Whichever suits the model, decided by every worker alike.</summary>
    public const string Auto = "auto";

    /// <summary>FedQueue's own kernels; equal bits on every processor.</summary>
    public const string Simd = "simd";

    /// <summary>libtorch; equal bits on one kind of processor.</summary>
    public const string Torch = "torch";

    /// <summary>All that a plan may name.</summary>
    public static IReadOnlyList<string> All { get; } = [Auto, Simd, Torch];

    /// <returns>The engine that trains, and why in a few words.</returns>
    public static (string Engine, string Why) Choose(string asked) =>
        asked == Auto ? (Simd, "the fastest for LSTMs on a CPU") : (asked, "as the run asks");
}
