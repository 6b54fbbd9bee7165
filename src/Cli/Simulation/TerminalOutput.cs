using System.Text;
using Spectre.Console;

namespace FedQueue.Cli.Simulation;

/// <summary>A terminal whose cursor is moved: the writers of <see cref="Console"/> would show the codes for that instead of sending them.</summary>
internal sealed class TerminalOutput(bool error) : IAnsiConsoleOutput
{
    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    public TextWriter Writer => error ? StandardOutput.ErrorTerminal : StandardOutput.Terminal;

    public bool IsTerminal => !(error ? Console.IsErrorRedirected : Console.IsOutputRedirected);

    public int Width => IsTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : UsualWidth;

    public int Height => IsTerminal && Console.WindowHeight > 0 ? Console.WindowHeight : UsualHeight;

    public void SetEncoding(Encoding encoding)
    {
    }
}
