namespace FedQueue.System.Tests;

/// <summary>A test that runs the program for ARM in an emulation, with the libraries in the folder that FEDQUEUE_ARM64 names.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ArmFactAttribute : FactAttribute
{
    public ArmFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_ARM64") is null)
            Skip = "There is no emulation of ARM; on Debian, ./test.sh sets it up.";
    }
}

/// <summary>A test that needs Docker and a browser, whose path is in FEDQUEUE_CHROMIUM.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1" || Environment.GetEnvironmentVariable("FEDQUEUE_CHROMIUM") is null)
            Skip = "There is no Docker or no Chromium; ./test.sh sets them up.";
    }
}

/// <summary>A test that needs Docker and the images; <c>./test.sh</c> sets them up and says so in FEDQUEUE_DOCKER.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DockerFactAttribute : FactAttribute
{
    public DockerFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("FEDQUEUE_DOCKER") != "1")
            Skip = "There is no Docker; ./test.sh sets it up.";
    }
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DockerTheoryAttribute : TheoryAttribute
{
    public DockerTheoryAttribute() => Skip = new DockerFactAttribute().Skip;
}
