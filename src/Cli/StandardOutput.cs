using System.Text;

namespace FedQueue.Cli;

/// <summary>
/// Standard output and standard error as people expect them: a program whose reader has gone stops, a result that cannot be
/// written is said to be lost, and what is only said to people on standard error never ends a run.
/// </summary>
internal static class StandardOutput
{
    /// <summary>To be called before anything is written.</summary>
    public static void Open()
    {
        if (Console.IsOutputRedirected)
            Console.SetOut(Writer(Console.Out.Encoding, new OutputStream(Unmuffled(), failure => throw failure)));
        if (Console.IsErrorRedirected)
            Console.SetError(Writer(Console.Error.Encoding, new OutputStream(Console.OpenStandardError(), _ => { })));
    }

    private static StreamWriter Writer(Encoding encoding, Stream stream) => new(stream, encoding) { AutoFlush = true };

    /// <summary>
    /// The console's stream takes no notice of a pipe that nobody reads. A file's stream does, but it writes at a place of its
    /// own, and what another process appends to the same file would be overwritten: so only where there are no places.
    /// </summary>
    private static Stream Unmuffled()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();

        const int standardOutput = 1;
        var stream = new FileStream(new(standardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek)
            return stream;

        stream.Dispose();
        return Console.OpenStandardOutput();
    }
}

/// <summary>Standard output cannot be written to; the message says why.</summary>
internal sealed class OutputException(IOException cause) : Exception(cause.Message.TrimEnd('.'), cause)
{
    private const int BrokenPipe = 32;

    /// <summary>Nobody reads any more, as after <c>| head</c>; otherwise the disk is full, or the like.</summary>
    public bool IsClosed => InnerException!.HResult == BrokenPipe;

    public int ExitStatus => IsClosed ? Cli.ExitStatus.OutputClosed : Cli.ExitStatus.Failed;

    public string Sentence => IsClosed ? "Standard output was closed" : $"Standard output cannot be written ({Message})";
}

/// <summary>Tells of the first write that fails, and drops the ones after it.</summary>
internal sealed class OutputStream(Stream inner, Action<OutputException> failed) : Stream
{
    private bool hasFailed;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (hasFailed)
            return;
        try
        {
            inner.Write(buffer);
        }
        catch (IOException exception)
        {
            hasFailed = true;
            failed(new OutputException(exception));
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
