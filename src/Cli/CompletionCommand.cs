using System.CommandLine;

namespace FedQueue.Cli;

/// <summary><c>fedqueue completion SHELL</c>: a script that lets a shell ask this program what may come next.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _fedqueue() {
                mapfile -t COMPREPLY < <(compgen -W "$(fedqueue "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
            }
            complete -o default -F _fedqueue fedqueue
            """,
        ["zsh"] = """
            _fedqueue() {
                local -a suggestions=("${(@f)$(fedqueue "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                compadd -- $suggestions
                _files
            }
            compdef _fedqueue fedqueue
            """,
        ["fish"] = """
            complete -c fedqueue -a '(set -l line (commandline -cp); fedqueue "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName fedqueue -ScriptBlock {
                param($word, $line, $position)
                fedqueue "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", $"Print a script that completes this command in your shell.{Environment.NewLine}Example: source <(fedqueue completion bash)") { shell };
        command.SetAction(arguments =>
        {
            Console.Out.WriteLine(Scripts[arguments.GetRequiredValue(shell)]);
            return ExitStatus.Done;
        });
        return command;
    }
}
