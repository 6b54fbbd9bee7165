using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using FedQueue.Contracts;

namespace FedQueue.Cli;

/// <summary>Errors of a command line in words for people: System.CommandLine names .NET's types and offers nothing.</summary>
internal static partial class UsageErrors
{
    public static string Of(ParseResult arguments)
    {
        var unknown = Unknown(arguments).ToList();
        var others = arguments.Errors.Select(error => Unreadable(error) ?? error.Message).Where(line => unknown.Count == 0 || !FollowsFromUnknown().IsMatch(line));
        return string.Join(Environment.NewLine, others.Concat(unknown));
    }

    private static IEnumerable<string> Unknown(ParseResult arguments)
    {
        var command = arguments.CommandResult.Command;
        foreach (var token in Unexplained(arguments.UnmatchedTokens))
        {
            IEnumerable<Symbol> known = token.StartsWith('-') ? command.Options.Where(option => !option.Hidden) : command.Subcommands;
            var meant = Nearest.To(token, known.Select(symbol => symbol.Name));
            yield return $"'{token}' is not known to {(command is RootCommand ? "fedqueue" : $"'{command.Name}'")}{(meant is null ? "." : $"; did you mean {meant}?")}";
        }
    }

    /// <summary>Leaves out what is unknown only because an unknown word stands before it.</summary>
    private static IEnumerable<string> Unexplained(IReadOnlyList<string> unmatched) =>
        unmatched is [var first, ..] && !first.StartsWith('-') ? [first] : unmatched.Where(token => token.StartsWith('-'));

    private static string? Unreadable(ParseError error)
    {
        if (error.SymbolResult is not { } symbol || !OfType().IsMatch(error.Message))
            return null;
        var (name, type) = symbol switch
        {
            OptionResult { Option: var option } => (option.Name, option.ValueType),
            ArgumentResult { Argument: var argument, Parent: OptionResult { Option: var option } } => (option.Name, argument.ValueType),
            ArgumentResult { Argument: var argument } => (argument.Name, argument.ValueType),
            _ => (symbol.ToString()!, typeof(string)),
        };
        return $"{name} is '{string.Join(' ', symbol.Tokens.Select(token => token.Value))}'; give {Wanted(Nullable.GetUnderlyingType(type) ?? type)}.";
    }

    private static string Wanted(Type type) => type switch
    {
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()))}",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(ulong) => "a whole number from 0 on",
        _ when type == typeof(double) => "a number such as 0.5",
        _ when type == typeof(bool) => "true or false, or no value",
        _ => "another value",
    };

    [GeneratedRegex("^(Unrecognized command or argument|Required command was not provided)")]
    private static partial Regex FollowsFromUnknown();

    [GeneratedRegex("^Cannot parse argument ")]
    private static partial Regex OfType();
}
