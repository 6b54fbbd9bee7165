using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace FedQueue.System.Tests;

/// <summary>docs/operations.md names all that an operator can set and all that can be logged.</summary>
public sealed partial class OperationsTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));

    private static readonly Assembly[] Programs = [typeof(Aggregator.AggregatorRegistration).Assembly, typeof(Worker.WorkerRegistration).Assembly];

    public static TheoryData<string> Settings() =>
    [
        .. Programs.SelectMany(program => program.GetTypes())
            .Select(type => (Type: type, Section: type.GetField("Section", BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)?.GetRawConstantValue() as string))
            .Where(options => options.Section?.StartsWith("FedQueue:", StringComparison.Ordinal) == true)
            .SelectMany(options => options.Type.GetProperties().Where(property => property.CanWrite).Select(property => $"{options.Section}:{property.Name}")),
    ];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Every_setting_is_in_a_table(string setting) => Assert.Matches($@"(?m)^\| `{Regex.Escape(setting)}` \|", Document);

    [Fact]
    public void Every_log_number_is_in_the_table_with_its_level_and_no_other()
    {
        var logged = Programs.SelectMany(program => program.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()
            .Select(message => $"{message.EventId} {message.Level}");

        Assert.Equal(logged.Order(StringComparer.Ordinal), LogRow().Matches(Document).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_variable_of_compose_is_named()
    {
        var variables = Directory.GetFiles(Repository.Root, "compose*.yaml").SelectMany(file => Variable().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct();

        Assert.All(variables, variable => Assert.Contains($"`{variable}`", Document, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?m)^\| (\d{4}) \| (\w+) \|")]
    private static partial Regex LogRow();

    [GeneratedRegex("FEDQUEUE_[A-Z_]+")]
    private static partial Regex Variable();
}
