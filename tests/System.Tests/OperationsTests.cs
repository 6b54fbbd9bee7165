using System.Reflection;
using System.Text.RegularExpressions;
using FedQueue.Aggregator;
using FedQueue.Contracts;
using FedQueue.Worker;
using Microsoft.Extensions.Logging;

namespace FedQueue.System.Tests;

/// <summary>docs/operations.md names every setting, every log number and every variable that there is, and no other.</summary>
public sealed partial class OperationsTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));

    private static readonly Type[] Programs =
        [.. typeof(AggregatorRegistration).Assembly.GetTypes(), .. typeof(WorkerRegistration).Assembly.GetTypes()];

    [Fact]
    public void Every_setting_has_a_row_with_its_environment_variable_and_no_row_is_left_over()
    {
        var sections = Programs
            .Select(type => (Type: type, Name: type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string))
            .Where(section => section.Name is not null)
            .Append((Type: typeof(RabbitMqSettings), Name: "FedQueue:RabbitMq")).ToList();
        var settings = sections
            .SelectMany(section => section.Type.GetProperties().Where(property => property.CanWrite).Select(property => $"{section.Name}:{property.Name}")).ToList();

        Assert.Equal(["FedQueue:Api", "FedQueue:Participants", "FedQueue:RabbitMq", "FedQueue:Run", "FedQueue:Storage", "FedQueue:Worker"], sections.Select(section => section.Name!).Order(StringComparer.Ordinal));
        var rows = SettingRow().Matches(Document).Select(row => (Setting: row.Groups["setting"].Value, Variable: row.Groups["variable"].Value)).ToList();
        Assert.All(rows, row => Assert.Equal(row.Setting.Replace(":", "__", StringComparison.Ordinal), row.Variable));
        Assert.Equal(
            settings.Order(StringComparer.Ordinal),
            rows.Select(row => row.Setting).Where(setting => sections.Exists(section => setting.StartsWith($"{section.Name}:", StringComparison.Ordinal))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_log_number_has_a_row_with_its_level_and_no_row_is_left_over()
    {
        var messages = Programs.Concat(typeof(Transport).Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()
            .Select(message => $"{message.EventId} {Shown(message.Level)}").ToList();

        Assert.NotEmpty(messages);
        Assert.Equal(
            messages.Order(StringComparer.Ordinal),
            LogRow().Matches(Document).Select(row => $"{row.Groups["number"].Value} {row.Groups["level"].Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_variable_of_the_compose_files_has_a_row()
    {
        var variables = Directory.GetFiles(Repository.Root, "compose*.yaml")
            .SelectMany(file => ComposeVariable().Matches(File.ReadAllText(file))).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(variables);
        var rows = Document.Split('\n').Where(line => line.StartsWith("| `FEDQUEUE_", StringComparison.Ordinal)).ToList();
        Assert.All(variables, variable => Assert.Contains(rows, row => row.Contains($"`{variable}`", StringComparison.Ordinal)));
    }

    /// <summary>As the console has it.</summary>
    private static string Shown(LogLevel level) => level switch
    {
        LogLevel.Error => "fail",
        LogLevel.Warning => "warn",
        LogLevel.Information => "info",
        LogLevel.Debug => "debug",
        _ => level.ToString(),
    };

    [GeneratedRegex(@"^\| `(?<setting>FedQueue:\w+:\w+)` \| `(?<variable>\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"^\| (?<number>\d{4}) \| (?<level>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex LogRow();

    [GeneratedRegex("FEDQUEUE_[A-Z_]+[A-Z]")]
    private static partial Regex ComposeVariable();
}
