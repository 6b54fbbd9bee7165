using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedQueue.Worker.Training;

/// <summary>Zeroed float32 memory that is never moved and begins at a cache line, so that no vector lies across two of them.</summary>
internal sealed unsafe class KernelMemory
{
    private const int Alignment = 64;

    // Keeps alive what the pointer points to.
    private readonly float[] array;

    /// <exception cref="TrainingException">More than an array can hold.</exception>
    public KernelMemory(long length)
    {
        if (length > Array.MaxLength - Alignment)
            throw new TrainingException($"One step of the training needs {length * sizeof(float) >> 30} GiB of memory at once; a smaller batch or a shorter window may help.");

        Length = (int)length;
        array = GC.AllocateArray<float>(Length + Alignment / sizeof(float), pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        Pointer = (float*)((address + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    public int Length { get; }

    public float* Pointer { get; }

    public Span<float> Span => new(Pointer, Length);
}
