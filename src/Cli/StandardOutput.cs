using System.Text;
using FedQueue.Contracts;

namespace FedQueue.Cli;

/// <summary>
/// Standard output and standard error as people expect them: a program whose reader has gone stops, a result that cannot be
/// written is said to be lost, and what is only said to people on standard error never ends a run.
/// </summary>
internal static class StandardOutput
{
    /// <summary>Standard output as it is, for who moves a terminal's cursor.</summary>
    public static TextWriter Terminal { get; private set; } = Console.Out;

    /// <summary>Standard error as it is.</summary>
    public static TextWriter ErrorTerminal { get; private set; } = Console.Error;

    /// <summary>Most characters of a line: as many as the terminal has, and any number in a file.</summary>
    public static int Width => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? int.MaxValue : Console.WindowWidth;

    /// <summary>To be called before anything is written.</summary>
    public static void Open()
    {
        // A terminal that was closed has sent its signal, too, and the command is ending in order.
        Terminal = Console.IsOutputRedirected
            ? Writer(Console.Out.Encoding, new OutputStream(Unmuffled(), failure => throw failure))
            : Writer(Console.Out.Encoding, new OutputStream(Console.OpenStandardOutput(), _ => { }));
        ErrorTerminal = Writer(Console.Error.Encoding, new OutputStream(Console.OpenStandardError(), _ => { }));
        Console.SetOut(new PlainWriter(Terminal, wraps: !Console.IsOutputRedirected));
        Console.SetError(new PlainWriter(ErrorTerminal, wraps: !Console.IsErrorRedirected));
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

/// <summary>Shows the control characters that others' text holds, in a sentence as well as in a table, instead of obeying them.</summary>
/// <param name="inner">What is written to.</param>
/// <param name="wraps">It is a terminal, whose lines are to end between words; those of JSON stay whole.</param>
internal sealed class PlainWriter(TextWriter inner, bool wraps) : TextWriter
{
    private const string Kept = "\n\r\t";

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => inner.Write(value is null ? null : PlainText.Of(value, Kept));

    public override void WriteLine(string? value) => Write(Wrapped(value ?? "") + Environment.NewLine);

    private string Wrapped(string value) => wraps && Console.WindowWidth > 0 && !value.StartsWith('{') && !value.StartsWith('[')
        ? string.Join(Environment.NewLine, value.Split('\n').SelectMany(line => WordWrap.Lines(line.TrimEnd('\r'), Console.WindowWidth)))
        : value;

    public override void Flush() => inner.Flush();
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
